"""What was ever said in a place: looked at, used again, and withdrawn."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from candidates import texts, versions, wording
from candidates.admin.sequence_forms import AgainForm
from candidates.admin.text_pages import TextPages, named, outdated, to_place
from candidates.texts import Place
from partners.models import User


class TextVersionsMixin(TextPages):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/<int:step_id>/text/"
        return [
            path(f"{at}versions/", wrap(self.versions_view), name="candidates_steptext_versions"),
            path(f"{at}withdraw/", wrap(self.withdraw_view), name="candidates_steptext_withdraw"),
            *super().get_urls(),
        ]

    def versions_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        user = self.colleague(request)
        place = self.place(request, sequence_id, step_id)
        asked = AgainForm(request.POST or None)
        if asked.is_valid():
            self._use_again(request, place, asked.cleaned_data["version"], user)
            return to_place(place, "versions")
        context = self.around(place, gettext("Versions: %(step)s"))
        shown = {
            "versions": versions.history(place=place),
            "may_withdraw": texts.fallback(place=place),
        }
        return self.page(request, "versions", context | shown)

    def _use_again(self, request: HttpRequest, place: Place, version: int, user: User) -> None:
        newest = texts.versions(place=place).first()
        old = texts.versions(place=place).filter(version=version).first()
        if not old or not newest or old.is_withdrawal:
            raise Http404
        try:
            kept = texts.write(
                place=place, subject=old.subject, body=old.body, seen=newest.version,
                author=user, now=timezone.now(),
            )  # fmt: skip
        except wording.Refused as refused:
            messages.error(request, str(refused))
        except texts.Outdated as slower:
            messages.error(request, outdated(slower.newest))
        else:
            self.kept(request, place, kept)

    def withdraw_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        """Ask first, and show what leaves instead."""
        user = self.colleague(request)
        place = self.place(request, sequence_id, step_id)
        newest, instead = texts.versions(place=place).first(), texts.fallback(place=place)
        if not newest or newest.is_withdrawal or not instead:
            raise Http404
        asked = AgainForm(request.POST or None)
        if asked.is_valid():
            self._withdraw(request, place, asked.cleaned_data["version"], user)
            return to_place(place, "versions")
        context = self.around(place, gettext("Withdraw the words: %(step)s"))
        of = Place(place.step, instead.language)
        shown = {"newest": newest, "instead": instead, "instead_named": named(of), "place": place}
        return self.page(request, "withdraw", context | shown)

    def _withdraw(self, request: HttpRequest, place: Place, version: int, user: User) -> None:
        try:
            kept = texts.withdraw(place=place, seen=version, author=user, now=timezone.now())
        except texts.Outdated as slower:
            messages.error(request, outdated(slower.newest))
            return
        facts = {"step": place.step.name, "version": kept.version, "place": named(place)}
        told = gettext("%(step)s, %(place)s: withdrawn, version %(version)s.") % facts
        self.log_change(request, place.step.sequence, told)
        messages.success(request, told)
