"""What a manager says of a link."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.fields import Line
from partners.linking import RESERVED, Facts
from partners.models import ReferralLink
from partners.models.links import canonical_code

SHORTEST_CODE, LONGEST_CODE = 3, 40
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_TAKEN = _("This code is taken, or once was: a code never comes to mean another link.")


class CodeField(forms.CharField):
    """A code as somebody types it; cleaned, as it is stored."""

    default_error_messages = {
        "required": _("Enter the new code."),
        "length": _("Use 3 to 40 letters, digits and hyphens, like teachers-fall."),
        "letters": _(
            "Use only the letters a to z, digits, and single hyphens between them, "
            "like teachers-fall."
        ),
        "reserved": _("“%(code)s” is a word of this portal's own. Choose another code."),
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        )
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> str:
        code = canonical_code(super().clean(value))
        if code and not SHORTEST_CODE <= len(code) <= LONGEST_CODE:
            self._refuse("length", code)
        if code and not CODE.fullmatch(code):
            self._refuse("letters", code)
        if code in RESERVED:
            self._refuse("reserved", code)
        return code

    def _refuse(self, why: str, code: str) -> None:
        raise forms.ValidationError(self.error_messages[why], code=why, params={"code": code})


class FactsForm(forms.Form):
    """A link's label, channel and destination."""

    label = Line(
        label=_("Label"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only you see it, like “Instagram bio” or “October newsletter”."),
        error_messages={
            "required": _("Enter a label, so that you know this link from the others.")
        },
    )
    channel = forms.ChoiceField(
        label=_("Where you will share it"),
        choices=[("", _("Choose one")), *ReferralLink.Channel.choices],
        error_messages={"required": _("Choose where you will share it.")},
    )
    channel_name = Line(
        label=_("Where, in your own words"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("For “Other”: a podcast, a billboard, a phone bank."),
    )
    destination = forms.ChoiceField(
        label=_("Where it leads"),
        choices=ReferralLink.Destination.choices,
        initial=ReferralLink.Destination.FORM,
    )

    def clean(self) -> dict[str, Any]:
        """Keep the words only where the list has none."""
        given = self.cleaned_data
        if given.get("channel") != ReferralLink.Channel.OTHER:
            given["channel_name"] = ""
        elif "channel_name" in given and not given["channel_name"]:
            self.add_error("channel_name", _("Say in a few words where, like “Podcast”."))
        return given

    def facts(self) -> Facts:
        return Facts(**{name: self.cleaned_data[name] for name in Facts.__dataclass_fields__})


class NewLinkForm(FactsForm):
    code = CodeField(
        label=_("Your own code"),
        required=False,
        help_text=_(
            "The end of the address, like teachers-fall. Leave it empty, and we make up a short "
            "one that is easy to read aloud."
        ),
    )


class CodeForm(forms.Form):
    code = CodeField(
        label=_("New code"),
        help_text=_("The old code keeps working: posters that hang stay right."),
    )
