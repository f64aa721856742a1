"""What a partner can narrow its leads by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates import zips
from candidates.models.candidates import Office, Stage

STATES = sorted({*zips.STATE_BY_PREFIX.values(), *zips.PACIFIC.values()})


class LeadsForm(forms.Form):
    """Every field may be left alone. A choice we don't know is as good as none."""

    name = forms.CharField(label=_("Name begins with"), max_length=80, required=False)
    stage = forms.ChoiceField(
        label=_("Stage"), choices=[("", _("any stage")), *Stage.choices], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("any state")), *((it, it) for it in STATES)],
        required=False,
    )
    office = forms.ChoiceField(
        label=_("Office"), choices=[("", _("any office")), *Office.choices], required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "name" else "form-select"
        self.fields["name"].widget.attrs["autocomplete"] = "off"
