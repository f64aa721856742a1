"""What people type to choose a password: by the link in a letter, or when they join."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm, SetPasswordMixin
from django.utils.translation import gettext_lazy as _

from partners.fields import Line
from partners.models import User


class NewPassword(SetPasswordMixin):  # type: ignore[type-arg]
    """Two fields that ask for a password in our own words, and one error for both."""

    error_messages = {"password_mismatch": _("These two are not the same. Type both again.")}

    @staticmethod
    def pair(label: Any) -> tuple[forms.CharField, forms.CharField]:
        first, second = SetPasswordMixin.create_password_fields(
            label1=label, label2=_("The same password once more")
        )
        first.help_text = _(
            "At least 8 characters; nothing that many people use, and not your name or address."
        )
        second.help_text = ""
        for field in (first, second):
            field.error_messages["required"] = _("Enter the password that you choose.")
        return first, second


class ChooseForm(NewPassword, SetPasswordForm):  # type: ignore[type-arg]
    """The new password of somebody who followed the link in the letter."""

    new_password1, new_password2 = NewPassword.pair(_("New password"))


class JoinForm(NewPassword, forms.Form):
    """Who accepts an invitation: a name, and a password that holds."""

    full_name = Line(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    password1, password2 = NewPassword.pair(_("Password"))

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        user = User(email=self.email, full_name=self.cleaned_data.get("full_name", ""))
        self.validate_password_for_user(user, "password1")
        return self.cleaned_data
