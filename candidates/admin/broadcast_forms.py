"""What staff are asked about a broadcast: for whom, in which words, and whether they mean it."""

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from candidates import wording
from candidates.admin.filters import STATES
from candidates.broadcasts import Audience
from candidates.models import Broadcast, StepText
from candidates.models.candidates import Office, Stage, Timeline
from partners.models import Partner

ROWS = 7
OVERTAKEN = _(
    "%(author)s saved other words while you were writing: they stand above. Yours are still here. "
    "Save them again to send them instead."
)
OF_THIS_CENTURY = _("Choose a day of this century.")


def _partners() -> list[tuple[int, str]]:
    return list(Partner.objects.order_by("name").values_list("pk", "name"))


def _ticks(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    limits = (
        MinValueValidator(date(2000, 1, 1), OF_THIS_CENTURY),
        MaxValueValidator(date(2099, 12, 31), OF_THIS_CENTURY),
    )
    return forms.DateField(label=label, required=False, widget=widget, validators=limits)


class BroadcastForm(forms.Form):
    """Its name, and whom it is for: a question without an answer means everybody."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For colleagues. Nobody who gets it sees it.")
    )
    stages = _ticks(_("Stages"), Stage.choices)
    offices = _ticks(_("Offices"), Office.choices)
    timelines = _ticks(_("When they would run"), Timeline.choices)
    languages = _ticks(_("Languages"), settings.LANGUAGES)
    states = forms.MultipleChoiceField(
        label=_("States and territories"),
        choices=[(it, it) for it in STATES],
        required=False,
        widget=forms.SelectMultiple(attrs={"size": ROWS}),
    )
    partners = forms.TypedMultipleChoiceField(
        label=_("Partners whom the sign-up is credited to"),
        choices=_partners,
        coerce=int,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": ROWS}),
    )
    signed_up_from = _day(_("Signed up from"))
    signed_up_until = _day(_("Signed up until"))

    @classmethod
    def of(cls, broadcast: Broadcast) -> "BroadcastForm":
        columns = Audience.of(broadcast).columns()
        return cls(initial={"name": broadcast.step.name, **columns})

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("signed_up_from"), chosen.get("signed_up_until")
        if first and last and first > last:
            self.add_error("signed_up_until", _("Choose a day that is not before the first."))
        return chosen

    @property
    def audience(self) -> Audience:
        return Audience(**{it: self.cleaned_data[it] for it in self.cleaned_data if it != "name"})


class SayForm(forms.Form):
    """What a broadcast says in one language, and the version that these words were begun with."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    subject = forms.CharField(
        label=_("Subject"), required=False, widget=forms.TextInput(attrs={"class": "words"})
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "words", "spellcheck": "true"}),
    )

    def refuse(self, refused: wording.Refused) -> None:
        for fault in refused.faults:
            self.add_error(fault.part, str(fault))

    def overtaken(self, newest: StepText) -> None:
        """Say that a colleague was faster; saved once more, these words follow theirs."""
        self.data = dict(self.data.items()) | {"seen": newest.version}
        self.add_error(None, OVERTAKEN % {"author": newest.author})


class ReleaseForm(forms.Form):
    """The number of people, typed in again, and which texts and which count were on the page."""

    people = forms.CharField(
        label=_("Type the number of people again"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type the number of people who will get it.")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    counted_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, counted: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counted = counted

    def clean_people(self) -> str:
        typed: str = self.cleaned_data["people"]
        if re.sub(r"[\s,.]", "", typed) != str(self.counted):
            raise forms.ValidationError(_("This is not the number of people who will get it."))
        return typed

    def clean_seen(self) -> list[int]:
        return [int(it) for it in re.findall(r"[0-9]{1,18}", self.cleaned_data["seen"])]

    def clean_counted_at(self) -> datetime | None:
        try:
            return parse_datetime(self.cleaned_data["counted_at"])
        except ValueError:
            return None
