"""What staff are asked about any mail: whom it is for, and its words."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from candidates import wording
from candidates.admin.filters import STATES
from candidates.models.candidates import Office, Stage
from partners.models import Partner

ROWS = 7


def _partners() -> list[tuple[int, str]]:
    return list(Partner.objects.order_by("name").values_list("pk", "name"))


def ticks(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class AudienceForm(forms.Form):
    """Whom it is for. A question without an answer means everybody."""

    stages = ticks(_("Stages"), Stage.choices)
    offices = ticks(_("Offices"), Office.choices)
    languages = ticks(_("Languages"), settings.LANGUAGES)
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


class WordsForm(forms.Form):
    """A subject and a text; what is wrong with them is said beside each."""

    rows = 22
    subject = forms.CharField(
        label=_("Subject"), required=False, widget=forms.TextInput(attrs={"class": "words"})
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "words", "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["rows"] = self.rows

    def refuse(self, refused: wording.Refused) -> None:
        for fault in refused.faults:
            self.add_error(fault.part, str(fault))
