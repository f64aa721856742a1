"""Pages on which staff correct the credit of one lead: to another link, to none, and back."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import crediting
from candidates.admin.forms import CreditForm
from candidates.models import Candidate
from partners import credits
from partners.credits import Standing
from partners.models import Credit, ReferralLink, User

TITLES = {
    "reassign": _("Reassign credit"),
    "void": _("Void credit"),
    "restore": _("Restore credit"),
}
MERGED = _("This lead was merged into another. Correct that one, who goes on, or part the two.")


def standing_of(candidate_id: UUID) -> Standing | None:
    lines = credits.lines_of(candidate_uuids=[candidate_id])
    return credits.standing_of(lines=lines).get(candidate_id)


class CorrectingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Asks for a link and a reason, shows which lines it means, and writes when told to."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.credit_view)
        name = "candidates_candidate_credit"
        return [
            path("<uuid:candidate_id>/credit/<slug:deed>/", view, name=name),
            *super().get_urls(),
        ]

    def credit_view(self, request: HttpRequest, candidate_id: UUID, deed: str) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        lead = Candidate.objects.filter(pk=candidate_id).first()
        if deed not in TITLES or not lead:
            raise Http404
        if lead.merged_into_id:
            messages.error(request, MERGED)
            return _to(lead)
        form = CreditForm(request.POST or None, asks_link=deed == "reassign")
        is_ready = form.is_valid()
        if is_ready and request.POST.get("sure"):
            return self._correct(request, lead, deed, form, user)
        context = self._lines(request, lead, deed) | {"form": form, "is_ready": is_ready}
        return TemplateResponse(request, "admin/candidates/credit/correct.html", context)

    def _lines(self, request: HttpRequest, lead: Candidate, deed: str) -> dict[str, Any]:
        standing = standing_of(lead.pk)
        lines = (standing.voided if deed == "restore" else standing.holds) if standing else {}
        links = ReferralLink.objects.select_related("partner")
        places = links.in_bulk([it.link_id for it in lines.values() if it.link_id])
        term = request.GET.get("find", "")
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": TITLES[deed],
            "deed": deed,
            "lead": lead,
            "lines": [
                (Credit.Kind(kind).label, places.get(line.link_id or 0), line.at)
                for kind, line in lines.items()
            ],
            "term": term,
            "found": crediting.find_links(term=term),
        }

    def _correct(
        self, request: HttpRequest, lead: Candidate, deed: str, form: CreditForm, user: User
    ) -> HttpResponse:
        told: dict[str, Any] = {
            "candidate_uuids": [lead.pk],
            "reason": form.cleaned_data["reason"],
            "cause": form.cleaned_data["cause"],
            "author": user,
            "now": timezone.now(),
        }
        match deed:
            case "reassign":
                changed = credits.reassign(link=form.cleaned_data["link"], **told)
            case "void":
                changed = credits.void(**told)
            case _:
                changed = credits.restore(**told)
        if changed:
            messages.success(request, _("The credit is corrected. The story has the new lines."))
        else:
            messages.warning(request, _("Nothing had to be corrected: the credit is so already."))
        return _to(lead)


def _to(lead: Candidate) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:candidates_candidate_change", args=[lead.pk]))
