"""Partners, their links and their members."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from partners.admin.begun import BegunMixin
from partners.admin.moments import HasCome
from partners.admin.searching import SearchingMixin
from partners.embed_forms import SitesField
from partners.models import Member, Partner, ReferralLink


class LinkInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ReferralLink
    extra = 0
    fields = ("label", "code", "channel", "switched_off_at")
    can_delete = False
    show_change_link = True

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A link is changed on its own page, where its code can't be."""
        return False


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Member
    extra = 0


@admin.register(Partner)
class PartnerAdmin(SearchingMixin, BegunMixin):
    list_display = ("name", "slug", "website", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("name", "id")
    inlines = (LinkInline, MemberInline)
    # Whether to be compared is the partner's own choice, made where it is explained.
    readonly_fields = ("ledger", "joined_ranking_at")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "embed_origins":
            options["form_class"] = SitesField
        return super().formfield_for_dbfield(db_field, request, **options)

    @admin.display(description=_("numbers"))
    def ledger(self, partner: Partner) -> str:
        """Lead from what this partner is shown to the lines that it is the sum of."""
        if not partner.pk:
            return "–"
        address = f"{reverse('admin:partners_credit_changelist')}?of={partner.pk}"
        return format_html('<a href="{}">{}</a>', address, _("every ledger line, and the sum"))


@admin.register(ReferralLink)
class ReferralLinkAdmin(SearchingMixin, BegunMixin):
    list_display = ("label", "code", "partner", "channel", "created_at", "switched_off_at")
    list_filter = ("channel", ("switched_off_at", HasCome))
    list_select_related = ("partner",)
    search_fields = ("label", "code", "partner__name")
    ordering = ("-created_at", "-id")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReferralLink | None = None
    ) -> tuple[str, ...]:
        """A code that was handed out stays: posters and mails carry it, credits point to it."""
        return ("code", "partner") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: ReferralLink | None = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(SearchingMixin):
    list_display = ("user", "partner", "role")
    list_filter = ("role",)
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "user__full_name", "partner__name")
    ordering = ("partner__name", "user__email", "id")
