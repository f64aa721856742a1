"""The words of a step as staff write them: looked at, sent to oneself, kept, used again."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import previews, texts, wording
from candidates.admin import copies, frames
from candidates.admin.sequence_forms import AgainForm, PlaceForm, TextForm
from candidates.admin.sequence_pages import SequencePages
from candidates.models import StepText
from candidates.texts import Place
from partners.models import User

OUTDATED = _(
    "%(author)s kept version %(version)s while you were writing. Your words are still here: "
    "compare them with the versions, then save again."
)


class TextsMixin(SequencePages):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        at = "<int:sequence_id>/steps/<int:step_id>/text/"
        return [
            path(at, wrap(self.text_view), name="candidates_steptext_write"),
            path(f"{at}versions/", wrap(self.versions_view), name="candidates_steptext_versions"),
            *super().get_urls(),
        ]

    def place(self, request: HttpRequest, sequence_id: int, step_id: int) -> Place:
        """Return which text is meant: its language, and the partner it is for, if any."""
        asked = PlaceForm(request.GET)
        if not asked.is_valid():
            raise Http404
        chosen = asked.cleaned_data
        step = self.step(sequence_id, step_id)
        return Place(step=step, language=chosen["language"], partner=chosen["partner"])

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
            except texts.Outdated as outdated:
                shown |= {"seen": outdated.newest.version, "newest": outdated.newest}
                form.add_error(None, _outdated(outdated.newest))
        context = self._around(place, gettext("Words: %(step)s")) | {"form": form} | shown
        return frames.let(self.page(request, "text", context), shown.get("views", []))

    def _keep(self, request: HttpRequest, place: Place, form: TextForm, user: User) -> HttpResponse:
        words = {it: form.cleaned_data[it] for it in ("subject", "body", "seen")}
        kept = texts.write(place=place, **words, author=user, now=timezone.now())
        self._kept(request, place, kept)
        return to_place(place, "write")

    def _kept(self, request: HttpRequest, place: Place, kept: StepText | None) -> None:
        if not kept:
            messages.info(request, _("These are the words already: no version was added."))
            return
        facts = {"step": place.step.name, "version": kept.version, "place": _named(place)}
        told = gettext("%(step)s, %(place)s: version %(version)s.") % facts
        self.log_change(request, place.step.sequence, told)
        holds = gettext("It is what leaves from now on.")
        messages.success(request, f"{told} {holds}")

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

    def versions_view(self, request: HttpRequest, sequence_id: int, step_id: int) -> HttpResponse:
        user = self.colleague(request)
        place = self.place(request, sequence_id, step_id)
        asked = AgainForm(request.POST or None)
        if asked.is_valid():
            self._use_again(request, place, asked.cleaned_data["version"], user)
            return to_place(place, "versions")
        context = self._around(place, gettext("Versions: %(step)s"))
        return self.page(request, "versions", context | {"versions": texts.history(place=place)})

    def _use_again(self, request: HttpRequest, place: Place, version: int, user: User) -> None:
        newest = texts.versions(place=place).first()
        old = texts.versions(place=place).filter(version=version).first()
        if not old or not newest:
            raise Http404
        try:
            kept = texts.write(
                place=place, subject=old.subject, body=old.body, seen=newest.version,
                author=user, now=timezone.now(),
            )  # fmt: skip
        except wording.Refused as refused:
            messages.error(request, str(refused))
        except texts.Outdated as outdated:
            messages.error(request, _outdated(outdated.newest))
        else:
            self._kept(request, place, kept)

    def _around(self, place: Place, title: str) -> dict[str, Any]:
        return {
            "title": title % {"step": place.step.name},
            "named": _named(place),
            "sequence": place.step.sequence,
            "step": place.step,
            "query": query(place),
            "fields": wording.FIELDS.items(),
        }


def _begun_with(newest: StepText | None, place: Place) -> dict[str, Any]:
    """Begin a partner's own words, or those of a language, with what is sent without them."""
    if newest:
        return {"subject": newest.subject, "body": newest.body}
    likely = texts.versions(place=Place(place.step, place.language)).first()
    likely = likely or texts.versions(place=Place(place.step, "en")).first()
    return {"subject": likely.subject, "body": likely.body} if likely else {}


def _outdated(newest: StepText) -> str:
    facts = {"author": newest.author or settings.ORGANISATION, "version": newest.version}
    return str(OUTDATED % facts)


def _named(place: Place) -> str:
    language = str(dict(settings.LANGUAGES)[place.language])
    if not place.partner:
        return language
    return gettext("%(language)s, for %(partner)s") % {
        "language": language,
        "partner": place.partner,
    }


def query(place: Place) -> str:
    return urlencode(
        {"language": place.language, "partner": place.partner.pk if place.partner else ""}
    )


def to_place(place: Place, page: str) -> HttpResponse:
    at = [place.step.sequence_id, place.step.pk]
    address = reverse(f"admin:candidates_steptext_{page}", args=at)
    return HttpResponseRedirect(f"{address}?{query(place)}")
