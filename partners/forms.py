"""What people type to log in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class EmailField(forms.EmailField):
    """An address as people type it on a phone."""

    default_error_messages = {
        "required": _("Enter your e-mail address."),
        "invalid": _("Enter an e-mail address like name@example.org."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        return attrs | {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}

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
