"""What people type at the second step of a log-in, and to change it."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 32
ENTER_DIGITS = _("Enter the six digits that your app shows now.")
WRONG_DIGITS = _(
    "These digits aren't right, or were used. Wait until your app shows new ones, and enter those."
)
WRONG_CODE = _("This code isn't right, or was used. Wait for new digits, or try another code.")
WRONG_PASSWORD = _("That isn't your password.")


class DigitsForm(forms.Form):
    """What the app shows."""

    code = forms.CharField(
        label=_("Six digits from your app"),
        max_length=LONGEST,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": ENTER_DIGITS},
    )
    refusal = WRONG_DIGITS


class RecoveryForm(forms.Form):
    """What opens the account without the app: a field of its own, for its letters."""

    recovery_code = forms.CharField(
        label=_("Recovery code"),
        max_length=LONGEST,
        help_text=_("Eight letters and digits. Each code works once."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter one of your recovery codes.")},
    )
    refusal = _("This recovery code isn't right, or was used. Try another one.")


class ProofForm(forms.Form):
    """All that a log-in asks for, once more."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )
    code = forms.CharField(
        label=_("Six digits from your app, or a recovery code"),
        max_length=LONGEST,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": ENTER_DIGITS},
    )
