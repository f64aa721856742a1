"""What people type to log in, to invite, and to become a partner."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from partners import applications
from partners.fields import Line
from partners.models import Member

TAKEN_FOR_A_ROBOT = _(
    "Something filled in a field that only robots see. If you are a person, please press the "
    "button once more."
)


class EmailField(forms.EmailField):
    """An address as people type it on a phone."""

    default_error_messages = {
        "required": _("Enter your e-mail address."),
        "invalid": _("Enter an e-mail address like name@example.org."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """What the browser offers is one's own log-in, unless the widget says whose it is."""
        attrs = super().widget_attrs(widget) | {"autocapitalize": "none", "spellcheck": "false"}
        return {"autocomplete": "username"} | attrs | widget.attrs

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").lower()


class LogInForm(AuthenticationForm):
    """One answer to a wrong address, a wrong password and an account that was switched off."""

    username = EmailField(label=_("E-mail address"), max_length=254)
    error_messages = {
        "invalid_login": _(
            "That e-mail address and password don't match an account here. "
            "Check both, or ask for a new password below."
        ),
        "inactive": _("That e-mail address and password don't match an account here."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autofocus"] = True
        self.fields["password"].error_messages["required"] = _("Enter your password.")


class AskForm(forms.Form):
    """To whom a link for a new password is to be mailed."""

    email = EmailField(label=_("E-mail address"), max_length=254)


class InviteForm(forms.Form):
    """Whom a manager invites, and what they may do."""

    email = EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=_("What they may do"),
        choices=[
            (Member.Role.VIEWER, _("See the numbers")),
            (Member.Role.MANAGER, _("See the numbers, make links, invite others")),
        ],
    )


class PartnerForm(forms.Form):
    """What an organisation tells us that wants to become a partner."""

    organisation = Line(
        label=_("Organisation"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name of your organisation.")},
    )
    contact_name = Line(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    contact_email = EmailField(
        label=_("Your e-mail at work"),
        max_length=254,
        help_text=_("The invitation to your portal goes there."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    website = forms.URLField(
        label=_("Website"),
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput({"autocomplete": "url", "inputmode": "url"}),
        error_messages={
            "required": _("Enter the address of your website, like example.org."),
            "invalid": _("Enter the address of your website, like example.org."),
        },
    )
    expected_sign_ups = forms.IntegerField(
        label=_("How many people do you hope to bring?"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("A guess is fine. It becomes no promise."),
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={
            "required": _("Enter a number, like 50."),
            "invalid": _("Enter a number, like 50."),
            "min_value": _("Enter a number, like 50."),
            "max_value": _("Enter a number up to a million."),
        },
    )
    agreement = forms.BooleanField(
        label=lazy(applications.agreement, str)(),
        error_messages={"required": _("Tick this box: without it we can't work together.")},
    )
    fax = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean(self) -> dict[str, Any]:
        """Empty the bait for the next try: a password manager may have filled it for a person."""
        if self.cleaned_data.pop("fax", None):
            self.data = dict(self.data.items()) | {"fax": ""}
            self.add_error(None, TAKEN_FOR_A_ROBOT)
        return self.cleaned_data

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        asked = [name for name in self.fields if name != "fax"]
        helper.layout = Layout(*asked, Field("fax", template="candidates/fields/bait.html"))
        return helper
