"""What a manager, or staff, says of a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import hooks
from partners.models import Endpoint
from partners.models.hooks import Event

NOT_TAKEN = _(
    "Enter an address that begins with https:// and names a server on the public internet, like "
    "https://hooks.example.org/rfs."
)
# Of what happened since then may be sent again, in hours.
SINCE = {
    "1": _("the last hour"),
    "24": _("the last day"),
    "168": _("the last 7 days"),
    "720": _("the last 30 days"),
}


class HookForm(forms.Form):
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Begins with https://. Whoever knows it may be able to post there: keep it."),
        widget=forms.URLInput(
            {
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "vURLField",  # as the admin's own: wide
            }
        ),
        error_messages={"required": NOT_TAKEN},
    )
    dialect = forms.ChoiceField(
        label=_("What reads it"),
        choices=[
            (Endpoint.Dialect.SIGNED, _("A program: signed JSON, all kinds of events")),
            (Endpoint.Dialect.CHAT, _("A chat like Slack: a line of text for each milestone")),
        ],
        initial=Endpoint.Dialect.SIGNED,
    )
    kinds = forms.MultipleChoiceField(
        label=_("Tell it of"),
        help_text=_("A chat is told of milestones, whatever is ticked here."),
        choices=[(it.value, it.label) for it in Event if it != Event.PING],
        initial=[it.value for it in Event if it != Event.PING],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one kind of event.")},
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        try:
            hooks.check(address=address)
        except hooks.NotTaken:
            raise forms.ValidationError(NOT_TAKEN) from None
        return address

    def facts(self) -> dict[str, Any]:
        return {
            "address": self.cleaned_data["address"],
            "dialect": Endpoint.Dialect(self.cleaned_data["dialect"]),
            "kinds": [Event(it) for it in self.cleaned_data["kinds"]],
        }


class ReplayForm(forms.Form):
    since = forms.ChoiceField(label=_("Send again what happened in"), choices=list(SINCE.items()))
