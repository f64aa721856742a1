"""Pages on which staff say that two leads are one person, or two after all."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import finding, merging
from candidates.admin.forms import ReasonForm
from candidates.models import Candidate
from partners.admin import searching
from partners.models import User

SHOWN = 10


class MergingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<uuid:candidate_id>/same-as/",
                wrap(self.find_view),
                name="candidates_candidate_same_as",
            ),
            path(
                "<uuid:candidate_id>/same-as/<uuid:into_id>/",
                wrap(self.merge_view),
                name="candidates_candidate_merge",
            ),
            path(
                "<uuid:candidate_id>/part/",
                wrap(self.part_view),
                name="candidates_candidate_part",
            ),
            *super().get_urls(),
        ]

    def find_view(self, request: HttpRequest, candidate_id: UUID) -> HttpResponse:
        """Find the other lead: by what is typed, or by the same name."""
        lead = self._lead(request, candidate_id)
        others = Candidate.objects.filter(merged_into=None).exclude(pk=lead.pk)
        if away := searching.elsewhere(request, name="find"):
            return away
        term = searching.words(request, name="find") or str(lead)
        rows = finding.people(rows=others, term=term).order_by("-signed_up_at", "-pk")
        found = list(rows[:SHOWN])
        return self._pair_page(
            request, "same_as", lead, _("The same person"), found=found, term=term
        )

    def merge_view(self, request: HttpRequest, candidate_id: UUID, into_id: UUID) -> HttpResponse:
        """Show both beside each other, and ask why."""
        lead = self._lead(request, candidate_id)
        other = self._lead(request, into_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and isinstance(request.user, User):
            try:
                merging.merge(
                    candidate_id=lead.pk,
                    into_id=other.pk,
                    reason=form.cleaned_data["reason"],
                    author=request.user,
                    now=timezone.now(),
                )
            except merging.NotMerged as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("They are one person now, and count once."))
                return _to(other)
        title = _("Merge two leads")
        return self._pair_page(request, "merge", lead, title, pair=(lead, other), form=form)

    def part_view(self, request: HttpRequest, candidate_id: UUID) -> HttpResponse:
        lead = self._lead(request, candidate_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and isinstance(request.user, User):
            reason, now = form.cleaned_data["reason"], timezone.now()
            if merging.part(candidate_id=lead.pk, reason=reason, author=request.user, now=now):
                messages.success(request, _("They are two people again."))
            return _to(lead)
        pair = (lead, lead.merged_into) if lead.merged_into else ()
        return self._pair_page(request, "merge", lead, _("Part two leads"), pair=pair, form=form)

    def _lead(self, request: HttpRequest, candidate_id: UUID) -> Candidate:
        if not self.has_change_permission(request):
            raise PermissionDenied
        lead = Candidate.objects.select_related("merged_into").filter(pk=candidate_id).first()
        if not lead:
            raise Http404
        return lead

    def _pair_page(
        self, request: HttpRequest, name: str, lead: Candidate, title: object, **more: Any
    ) -> HttpResponse:
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        context = {**base, "title": title, "lead": lead, **more}
        return TemplateResponse(request, f"admin/candidates/candidate/{name}.html", context)


def _to(lead: Candidate) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:candidates_candidate_change", args=[lead.pk]))
