"""What the pages about the words of a step have in common: which words, and how they are named."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import wording
from candidates.admin.sequence_forms import PlaceForm
from candidates.admin.sequence_pages import SequencePages
from candidates.models import StepText
from candidates.texts import Place

OUTDATED = _(
    "%(author)s kept version %(version)s while you were writing. Your words are still here: "
    "compare them with the versions, then save again."
)


class TextPages(SequencePages):
    def place(self, request: HttpRequest, sequence_id: int, step_id: int) -> Place:
        """Return which text is meant: its language, and the partner it is for, if any."""
        asked = PlaceForm(request.GET)
        if not asked.is_valid():
            raise Http404
        chosen = asked.cleaned_data
        step = self.step(sequence_id, step_id)
        return Place(step=step, language=chosen["language"], partner=chosen["partner"])

    def around(self, place: Place, title: str) -> dict[str, Any]:
        return {
            "title": title % {"step": place.step.name},
            "named": named(place),
            "sequence": place.step.sequence,
            "step": place.step,
            "query": query(place),
            "fields": wording.FIELDS.items(),
        }

    def kept(self, request: HttpRequest, place: Place, text: StepText | None) -> None:
        if not text:
            messages.info(request, _("These are the words already: no version was added."))
            return
        facts = {"step": place.step.name, "version": text.version, "place": named(place)}
        told = gettext("%(step)s, %(place)s: version %(version)s.") % facts
        self.log_change(request, place.step.sequence, told)
        holds = gettext("It is what leaves from now on.")
        messages.success(request, f"{told} {holds}")


def outdated(newest: StepText) -> str:
    facts = {"author": newest.author or settings.ORGANISATION, "version": newest.version}
    return str(OUTDATED % facts)


def named(place: Place) -> str:
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
