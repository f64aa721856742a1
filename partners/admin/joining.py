"""Invitations to managers, the letters that partners were sent, and who of us looked at what."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partners import joining, letters
from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Invitation, Letter, Member, StaffLook, User


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Staff invite a partner's managers; those invite everybody else."""

    list_display = (
        "email", "partner", "role", "invited_by", "invited_at", "accepted_at", "withdrawn_at",
    )  # fmt: skip
    list_filter = (
        ("accepted_at", HasCome),
        ("withdrawn_at", HasCome),
    )
    list_select_related = ("partner", "invited_by")
    search_fields = ("email", "partner__name")
    ordering = ("-invited_at", "id")
    actions = ("withdraw",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("partners.add_invitation")

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Withdrawing is a change, though no field of an invitation is edited by hand."""
        return request.user.has_perm("partners.change_invitation")

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        asked = ("partner", "email", "language")
        told = ("role", "invited_by", "invited_at", "accepted_at", "withdrawn_at")
        return (*asked, *told) if obj else asked

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except joining.AlreadyMember:
            messages.error(request, _("This person is a member already."))
        except joining.AlreadyInvited:
            messages.error(
                request, _("This address was invited already. The link waits in its mail.")
            )
        partner = request.POST.get("partner", "")
        return HttpResponseRedirect(f"{reverse('admin:partners_invitation_add')}?partner={partner}")

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Invite, with the letter that it takes; what the admin goes on with is what was made."""
        made = joining.invite(
            partner=obj.partner,
            email=obj.email,
            role=Member.Role.MANAGER,
            by=request.user if isinstance(request.user, User) else None,
            language=obj.language,
            now=timezone.now(),
        )
        obj.pk, obj.email = made.pk, made.email

    @admin.action(description=_("Withdraw these invitations"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        waiting = list(rows.filter(accepted_at=None, withdrawn_at=None).select_related("partner"))
        for it in waiting:
            joining.withdraw(partner=it.partner, invitation_id=it.pk, now=timezone.now())
        text = ngettext(
            "%(count)s invitation withdrawn.", "%(count)s invitations withdrawn.", len(waiting)
        )
        messages.success(request, text % {"count": f"{len(waiting):,}"})


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = (
        "owed_at", "kind", "recipient", "attempts", "sent_at", "given_up_at", "last_error",
    )  # fmt: skip
    list_filter = (
        ("given_up_at", HasCome),
        ("sent_at", HasCome),
        "kind",
    )
    search_fields = ("=recipient",)
    ordering = ("-owed_at", "id")
    actions = ("send_again",)

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        """Sending again is a change, though no field of a letter is edited by hand."""
        return request.user.has_perm("partners.change_letter")

    @admin.action(description=_("Send these again"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Letter]) -> None:
        again = letters.owe_again(ids=list(rows.values_list("pk", flat=True)))
        for letter in again:
            self.log_change(request, letter, gettext("Sent again."))
        text = ngettext(
            "%(count)s letter that was given up is due again.",
            "%(count)s letters that were given up are due again.",
            len(again),
        )
        messages.success(request, text % {"count": f"{len(again):,}"})


@admin.register(StaffLook)
class StaffLookAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "partner", "page")
    list_display_links = None
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "partner__name")
    # As they were written, which is by time: the key is an index, the time has none.
    ordering = ("-id",)
