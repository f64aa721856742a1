"""Webhooks: those of staff are made here, those of partners are seen, and can be switched off."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from partners import hooks
from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.hook_forms import HookForm
from partners.models import Endpoint, User


class OfStaff(admin.SimpleListFilter):
    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("staff", _("of staff")), ("partners", _("of partners"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
        if self.value() in ("staff", "partners"):
            return rows.filter(partner__isnull=self.value() == "staff")
        return rows


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    list_display = (
        "shown", "failures", "switched_off_at", "off_because", "partner", "dialect",
        "names_people_at", "made_by", "made_at",
    )  # fmt: skip
    list_filter = (OfStaff, ("switched_off_at", HasCome), "off_because", "dialect")
    list_select_related = ("partner", "made_by")
    search_fields = ("partner__name",)
    ordering = ("-made_at", "pk")
    fields = (
        "shown", "partner", "dialect", "told_of", "log", "failures", "failing_since",
        "rests_until", "switched_off_at", "off_because", "names_people_at", "since_at",
        "rotated_at", "made_by", "made_at",
    )  # fmt: skip
    readonly_fields = ("shown", "told_of", "log")
    actions = (
        "send_test", "switch_off", "switch_on", "renew_secret", "name_people", "name_nobody",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("partners.add_endpoint")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("partners.delete_endpoint")

    def has_do_permission(self, request: HttpRequest) -> bool:
        """What is done to a webhook is a change, though no field is edited by hand."""
        return request.user.has_perm("partners.change_endpoint")

    def has_name_permission(self, request: HttpRequest) -> bool:
        """Nobody lets others see more than they may see themselves."""
        return request.user.has_perm("partners.name_people") and request.user.has_perm(
            "candidates.view_candidate"
        )

    @admin.display(description=_("address"))
    def shown(self, endpoint: Endpoint) -> str:
        return endpoint.shown

    @admin.display(description=_("told of"))
    def told_of(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.kinds_shown)

    @admin.display(description=_("log"))
    def log(self, endpoint: Endpoint) -> str:
        address = (
            f"{reverse('admin:partners_delivery_changelist')}?endpoint__id__exact={endpoint.pk}"
        )
        return format_html('<a href="{}">{}</a>', address, _("every delivery"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not self.has_add_permission(request):
            raise PermissionDenied
        form = HookForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._page(request, "add", {"title": _("Add a webhook of staff"), "form": form})
        endpoint = hooks.make(
            partner=None,
            author=user,
            language=get_language() or "en",
            now=timezone.now(),
            **form.facts(),
        )
        self.log_addition(request, endpoint, [{"added": {}}])
        return self._show_secret(request, endpoint)

    @admin.action(description=_("Send a test"), permissions=["do"])
    def send_test(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._do(request, rows.live(), lambda it: hooks.ping(endpoint=it, now=timezone.now()))  # type: ignore[attr-defined]

    @admin.action(description=_("Switch off"), permissions=["do"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._do(request, rows, lambda it: hooks.switch_off(endpoint=it, now=timezone.now()))

    @admin.action(description=_("Switch on"), permissions=["do"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._do(request, rows, lambda it: hooks.switch_on(endpoint=it, now=timezone.now()))

    @admin.action(description=_("Let them name people (of staff only)"), permissions=["name"])
    def name_people(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        at = timezone.now()
        self._do(
            request, rows.filter(partner=None), lambda it: hooks.name_people(endpoint=it, at=at)
        )

    @admin.action(description=_("Let them name nobody any more"), permissions=["do"])
    def name_nobody(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        self._do(request, rows, lambda it: hooks.name_people(endpoint=it, at=None))

    @admin.action(description=_("Renew the secret (one of staff)"), permissions=["do"])
    def renew_secret(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> HttpResponse | None:
        found = list(rows.filter(partner=None, dialect=Endpoint.Dialect.SIGNED)[:2])
        if len(found) != 1:
            messages.error(request, _("Choose one webhook of staff that is signed."))
            return None
        endpoint = hooks.rotate(endpoint=found[0], now=timezone.now())
        self.log_change(request, endpoint, "renew_secret")
        return self._show_secret(request, endpoint)

    def _do(
        self, request: HttpRequest, rows: QuerySet[Endpoint], deed: Callable[[Endpoint], object]
    ) -> None:
        """Do it to each, and write down who did it to which."""
        found = list(rows)
        for endpoint in found:
            deed(endpoint)
            self.log_change(request, endpoint, request.POST.get("action", ""))
        text = ngettext("Done for %(count)s webhook.", "Done for %(count)s webhooks.", len(found))
        messages.success(request, text % {"count": len(found)})

    def _show_secret(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Shown in the answer itself: once, and kept in no session."""
        secret = hooks.secret(endpoint=endpoint)
        context = {"title": _("The secret"), "endpoint": endpoint, "secret": secret}
        return self._page(request, "secret", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request, f"admin/partners/endpoint/{name}.html", {**page, **context}
        )
