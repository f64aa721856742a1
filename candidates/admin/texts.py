"""The words of a step as staff write them: looked at, sent to oneself, kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import previews, texts, wording
from candidates.admin import copies, frames
from candidates.admin.sequence_forms import TextForm
from candidates.admin.text_pages import outdated, to_place
from candidates.admin.text_versions import TextVersionsMixin
from candidates.models import StepText
from candidates.texts import Place
from partners.models import User


class TextsMixin(TextVersionsMixin):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/<int:step_id>/text/"
        return [
            path(at, wrap(self.text_view), name="candidates_steptext_write"),
            *super().get_urls(),
        ]

    def text_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        """Keep the words, or show or send them first: that writes nothing."""
        user = self.colleague(request)
        place = self.place(request, sequence_id, step_id)
        newest = texts.versions(place=place).first()
        form = TextForm(request.POST or None, initial=_begun_with(newest, place))
        shown: dict[str, Any] = {"seen": newest.version if newest else 0, "newest": newest}
        if form.is_valid():
            shown["seen"] = form.cleaned_data["seen"]
            try:
                if "keep" in request.POST:
                    return self._keep(request, place, form, user)
                shown |= self._look(request, place, form, user)
            except wording.Refused as refused:
                form.refuse(refused)
            except texts.Outdated as slower:
                shown |= {"seen": slower.newest.version, "newest": slower.newest}
                form.add_error(None, outdated(slower.newest))
        context = self.around(place, gettext("Words: %(step)s")) | {"form": form} | shown
        return frames.let(self.page(request, "text", context), shown.get("views", []))

    def _keep(self, request: HttpRequest, place: Place, form: TextForm, user: User) -> HttpResponse:
        words = {it: form.cleaned_data[it] for it in ("subject", "body", "seen")}
        kept = texts.write(place=place, **words, author=user, now=timezone.now())
        self.kept(request, place, kept)
        return to_place(place, "write")

    def _look(
        self, request: HttpRequest, place: Place, form: TextForm, user: User
    ) -> dict[str, Any]:
        words = {it: form.cleaned_data[it] for it in ("subject", "body")}
        readers = [
            (gettext("Somebody invented"), previews.invented(place=place, now=timezone.now()))
        ]
        if user.has_perm("candidates.view_candidate"):
            lead = previews.find(email=form.cleaned_data["reader"], language=place.language)
            if lead:
                readers.append((str(lead.candidate), lead))
            elif form.cleaned_data["reader"]:
                form.add_error("reader", _("No lead has this address."))
        views = [
            frames.view(name, previews.write(place=place, **words, reader=reader))
            for name, reader in readers
        ]
        if "test" in request.POST:
            copies.send(request, place=place, **words, user=user)
        return {"views": views}


def _begun_with(newest: StepText | None, place: Place) -> dict[str, Any]:
    """Begin a partner's own words, or those of a language, with what is sent without them."""
    said = texts.fallback(place=place) if not newest or newest.is_withdrawal else newest
    return {"subject": said.subject, "body": said.body} if said else {}
