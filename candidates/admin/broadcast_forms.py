"""What staff are asked about a broadcast: for whom, in which words, and whether they mean it."""

import re
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from candidates import broadcasts
from candidates.admin.mail_forms import AudienceForm, WordsForm, ticks
from candidates.admin.overtaken import BegunForm
from candidates.broadcasts import Audience
from candidates.models import Broadcast, StepText
from candidates.models.candidates import Timeline

OVERTAKEN = _(
    "%(author)s saved other words while you were writing: they stand above. Yours are still here. "
    "Save them again to send them instead."
)
OF_THIS_CENTURY = _("Choose a day of this century.")


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    limits = (
        MinValueValidator(date(2000, 1, 1), OF_THIS_CENTURY),
        MaxValueValidator(date(2099, 12, 31), OF_THIS_CENTURY),
    )
    return forms.DateField(label=label, required=False, widget=widget, validators=limits)


class BroadcastForm(AudienceForm, BegunForm):
    """Its name, and whom it is for."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For colleagues. Nobody who gets it sees it.")
    )
    timelines = ticks(_("When they would run"), Timeline.choices)
    signed_up_from = _day(_("Signed up from"))
    signed_up_until = _day(_("Signed up until"))

    field_order = ("name", "stages", "offices", "timelines")

    @classmethod
    def of(cls, broadcast: Broadcast) -> "BroadcastForm":
        columns = Audience.of(broadcast).columns()
        began = broadcasts.settings_of(broadcast=broadcast)
        return cls(initial={"name": broadcast.step.name, "began": began, **columns})

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("signed_up_from"), chosen.get("signed_up_until")
        if first and last and first > last:
            self.add_error("signed_up_until", _("Choose a day that is not before the first."))
        return chosen

    @property
    def audience(self) -> Audience:
        return Audience(**{it.name: self.cleaned_data[it.name] for it in fields(Audience)})


class SayForm(WordsForm):
    """What a broadcast says in one language, and the version that these words were begun with."""

    rows = 14
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

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
