"""Taking back the credit of many leads at once: who it costs what is shown before it is done."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates.admin.forms import VoidForm
from candidates.admin.pages import chosen
from candidates.models import Candidate
from partners import credits
from partners.models import Partner, User

LIST = "admin:candidates_candidate_changelist"


class VoidingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.void_view)
        return [path("void/", view, name="candidates_candidate_void"), *super().get_urls()]

    @admin.action(description=_("Void their credit…"), permissions=["change"])
    def void_leads(self, request: HttpRequest, rows: QuerySet[Candidate]) -> HttpResponse | None:
        """Show whom it would cost what; nothing is written here."""
        ids = chosen(request, rows)
        form = VoidForm(initial={"ids": ",".join(map(str, ids))})
        return self._show(request, form, ids) if ids else None

    def void_view(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse(LIST))
        form = VoidForm(request.POST)
        if not form.is_valid():
            return self._show(request, form, form.cleaned_data.get("ids", []))
        told = form.cleaned_data
        number = credits.void(
            candidate_uuids=told["ids"],
            reason=told["reason"],
            cause=told["cause"],
            author=user,
            now=timezone.now(),
        )
        text = ngettext("%(n)s lead counts no longer.", "%(n)s leads count no longer.", number)
        messages.success(request, text % {"n": f"{number:,}"})
        return HttpResponseRedirect(reverse(LIST))

    def _show(self, request: HttpRequest, form: VoidForm, ids: Sequence[UUID]) -> HttpResponse:
        costs = _costs(ids)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Void credit"),
            "form": form,
            "chosen": len(ids),
            "counting": sum(costs.values()),
            "costs": costs.most_common(),
        }
        return TemplateResponse(request, "admin/candidates/credit/void.html", context)


def _costs(ids: Sequence[UUID]) -> Counter[Partner | None]:
    """Return how many of these count for each partner now; for none: under None."""
    lines = credits.lines_of(candidate_uuids=ids)
    standing = credits.standing_of(lines=lines).values()
    counts = Counter(it.signed_up.partner_id for it in standing if it.counts)
    partners: dict[Any, Partner] = Partner.objects.in_bulk([it for it in counts if it])
    return Counter({partners.get(key): number for key, number in counts.items()})
