"""The mail to one lead: its words as they were sent, and what staff do about what comes next."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import copies, correspondence, letters, privacy
from candidates.admin import frames
from candidates.admin.forms import ReasonForm
from candidates.models import Candidate, FollowUp, Suppression
from partners.models import User
from recruit import headers

PAGE_POLICY = f"{headers.CONTENT_SECURITY_POLICY}; frame-src 'self'"
# The copy is shown in a frame of ours, and can do nothing at all. A frame that may do nothing sends
# no cookie either, so its styles can't be asked for: they stand in it, and the policy names them.
COPY_POLICY = (
    "default-src 'none'; style-src {source}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
ADDRESSES = {
    "stop/": "stop_view",
    "allow/": "allow_view",
    "replied/": "replied_view",
    "<uuid:mail_id>/again/": "again_view",
    "<uuid:mail_id>/": "copy_view",
    "<uuid:mail_id>/mail.html": "copy_html_view",
}


def can_allow(request: HttpRequest, suppression: Suppression | None) -> bool:
    """A superuser may: the address may be one that bounces, and our name suffers for it."""
    is_superuser = isinstance(request.user, User) and request.user.is_superuser
    return is_superuser and suppression is not None and correspondence.is_ours(suppression)


def can_send_again(request: HttpRequest) -> bool:
    return request.user.has_perms(("candidates.change_candidate", "candidates.change_followup"))


class CorrespondenceMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Buttons on the page of a lead, and the pages they lead to."""

    def get_urls(self) -> list[URLPattern]:
        mine = [
            path(
                f"<uuid:candidate_id>/mail/{address}",
                self.admin_site.admin_view(getattr(self, view)),
                name=f"candidates_candidate_mail_{view.removesuffix('_view')}",
            )
            for address, view in ADDRESSES.items()
        ]
        return [*mine, *super().get_urls()]

    def stop_view(self, request: HttpRequest, candidate_id: UUID) -> HttpResponse:
        lead, user = self._lead_and_user(request, candidate_id)
        if request.method != "POST":
            return self._ask_about_mail(request, lead, _("Stop all e-mail"), {"deed": "stop"})
        if correspondence.stop(candidate=lead, author=user, now=timezone.now()):
            messages.success(request, _("Nothing is sent to this person any more."))
        return _story_of(lead)

    def allow_view(self, request: HttpRequest, candidate_id: UUID) -> HttpResponse:
        lead, user = self._lead_and_user(request, candidate_id)
        if not user.is_superuser:
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            suppression = privacy.entry_of(candidate=lead)
            context = {
                "deed": "allow",
                "form": form,
                "suppression": suppression,
                "can_allow": can_allow(request, suppression),
            }
            return self._ask_about_mail(request, lead, _("Allow e-mail again"), context)
        try:
            reason = form.cleaned_data["reason"]
            correspondence.allow(candidate=lead, reason=reason, author=user, now=timezone.now())
        except correspondence.TheirOwnWish:
            messages.error(request, _("They asked for it themselves: nobody here takes it back."))
        else:
            messages.success(request, _("E-mail may go to this person again."))
        return _story_of(lead)

    def replied_view(self, request: HttpRequest, candidate_id: UUID) -> HttpResponse:
        lead, user = self._lead_and_user(request, candidate_id)
        if request.method == "POST" and correspondence.note_reply(
            candidate=lead, author=user, now=timezone.now()
        ):
            messages.success(request, _("Noted. What ends with a reply has ended for this person."))
        return _story_of(lead)

    def again_view(self, request: HttpRequest, candidate_id: UUID, mail_id: UUID) -> HttpResponse:
        lead, user = self._lead_and_user(request, candidate_id)
        if not can_send_again(request):
            raise PermissionDenied
        if request.method == "POST" and correspondence.send_again(
            candidate=lead, mail_id=mail_id, author=user, now=timezone.now()
        ):
            messages.success(request, _("The e-mail is due again."))
        return _story_of(lead)

    def copy_view(self, request: HttpRequest, candidate_id: UUID, mail_id: UUID) -> HttpResponse:
        mail, copy = self._copied(request, candidate_id, mail_id)
        context = {"mail": mail, "copy": copy, "lead": mail.candidate}
        response = self._mail_page(request, "copy", str(mail.step), context)
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    def copy_html_view(
        self, request: HttpRequest, candidate_id: UUID, mail_id: UUID
    ) -> HttpResponse:
        """Show the HTML, its styles in one place, its links gone."""
        _mail, copy = self._copied(request, candidate_id, mail_id)
        document, source = frames.enclose(copy.html, copy.styles)
        response = HttpResponse(document)
        response.headers["Content-Security-Policy"] = COPY_POLICY.format(source=source)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    def _copied(
        self, request: HttpRequest, candidate_id: UUID, mail_id: UUID
    ) -> tuple[FollowUp, copies.Copy]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        sent = FollowUp.objects.filter(candidate=candidate_id, sent_at__isnull=False)
        mails = sent.select_related("text__partner", *letters.SELECT)
        mail = get_object_or_404(mails.prefetch_related(*letters.PREFETCH), pk=mail_id)
        try:
            return mail, copies.copy(followup=mail)
        except letters.NoWords as missing:
            raise Http404 from missing

    def _lead_and_user(self, request: HttpRequest, candidate_id: UUID) -> tuple[Candidate, User]:
        user = request.user
        if not isinstance(user, User) or not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Candidate, pk=candidate_id), user

    def _ask_about_mail(
        self, request: HttpRequest, lead: Candidate, title: Any, context: dict[str, Any]
    ) -> HttpResponse:
        return self._mail_page(request, "stop_mail", title, {"lead": lead, **context})

    def _mail_page(
        self, request: HttpRequest, name: str, title: Any, context: dict[str, Any]
    ) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(
            request, f"admin/candidates/candidate/{name}.html", {**page, **context}
        )


def _story_of(lead: Candidate) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:candidates_candidate_change", args=[lead.pk]))
