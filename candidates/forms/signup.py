"""What we ask of somebody who raises their hand, in their words."""

from typing import Any

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import identity
from candidates.forms import fields
from candidates.forms.wording import contact_wording, share_wording
from candidates.models import Candidate
from candidates.models.candidates import Office, Timeline

EXPLANATIONS: dict[str, fields.Words] = {
    Office.SCHOOL_BOARD: _("Schools, their budget, and what children learn."),
    Office.COUNCIL: _("Housing, streets, buses and the police budget."),
    Office.COUNTY: _("Health, roads, jails and public land."),
    Office.ELECTIONS: _("Makes sure that every vote is counted."),
    Office.LEGISLATURE: _("Writes the laws of your state."),
    Office.JUSTICE: _("Decides how the law meets people."),
    Office.OTHER: _("Library, water, park or fire district, and many more."),
    Office.NOT_SURE: _("We’ll look together at what is on your ballot."),
}
TAKEN_FOR_A_ROBOT = _(
    "Something filled in a field that only robots see. If you are a person, please press the "
    "button once more."
)


def longest(name: str) -> int | None:
    return Candidate._meta.get_field(name).max_length  # type: ignore[union-attr]


def text(kind: str, **more: str) -> forms.TextInput:
    return forms.TextInput({"autocomplete": kind, **more})


class SignUpForm(forms.Form):
    """Asks to share the answers only where a partner sent the person here."""

    # What an address may fill in beforehand: never a consent.
    PREFILLED = (
        "first_name",
        "last_name",
        "email",
        "zip_code",
        "phone",
        "office",
        "timeline",
        "motivation",
    )

    first_name = fields.Name(
        label=_("First name"),
        max_length=longest("first_name"),
        widget=text("given-name"),
        error=_("Enter your first name."),
    )
    last_name = fields.Name(
        label=_("Last name"),
        max_length=longest("last_name"),
        widget=text("family-name"),
        error=_("Enter your last name."),
    )
    email = fields.Email(
        label=_("E-mail"),
        max_length=longest("email"),
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none"}),
        help_text=_("We send one link there, to make sure that it’s you."),
        error=_("Enter an e-mail address we can reach you at, like name@example.org."),
    )
    zip_code = fields.Text(
        label=_("ZIP code"),
        max_length=20,
        widget=text("postal-code", inputmode="numeric"),
        help_text=_("Where you live, to see what is on your ballot."),
        error=_("Enter the ZIP code of your home, like 60601."),
    )
    phone = fields.Text(
        label=_("Mobile phone"),
        required=False,
        max_length=40,
        widget=text("tel", inputmode="tel", type="tel"),
        help_text=_("Only if you would like a call or a text from a person."),
        error=_("Enter a phone number with its area code, like 312-555-0123, or leave this empty."),
    )
    office = fields.Cards(
        label=_("What would you run for?"),
        choices=Office.choices,
        explanations=EXPLANATIONS,
        error=_("Choose what you would run for. “Not sure yet” is a good answer."),
    )
    timeline = fields.Cards(
        label=_("When would you run?"),
        choices=Timeline.choices,
        error=_("Choose when you would run. “Just exploring” is a good answer."),
    )
    motivation = fields.Text(
        label=_("What would you change first?"),
        required=False,
        max_length=longest("motivation"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One sentence is plenty. A person will read it."),
        error="",
    )
    contact_consent = fields.Tick(
        label=lazy(contact_wording, str)(settings.ORGANISATION),
        error=_("Tick this box, or we have no way to get back to you."),
    )
    share_consent = fields.Tick(required=False)
    website = fields.Text(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
        error="",
    )

    def __init__(
        self,
        *args: Any,
        partner_name: str = "",
        partner_id: int | None = None,
        action: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.action = action
        if not partner_name:
            del self.fields["share_consent"]
            return
        share = self.fields["share_consent"]
        share.label = share_wording(settings.ORGANISATION, partner_name)
        if partner_id:  # what the box sends when ticked: whom it named
            share.widget.attrs["value"] = str(partner_id)

    def clean_email(self) -> str:
        """Refuse, too, what is short as it is typed and too long for its column as compared."""
        invalid = self.fields["email"].error_messages["invalid"]
        try:
            email = identity.mailbox(self.cleaned_data["email"])
        except identity.UnusableEmail as unusable:
            raise forms.ValidationError(invalid) from unusable
        if any(
            len(it) > (longest("email") or 0) for it in (email, identity.canonical_email(email))
        ):
            raise forms.ValidationError(invalid)
        return email

    def clean_zip_code(self) -> str:
        field = self.fields["zip_code"]
        try:
            return identity.zip_to_state(self.cleaned_data["zip_code"])[0]
        except identity.UnknownZip as unknown:
            raise forms.ValidationError(field.error_messages["invalid"]) from unknown

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        try:
            return identity.e164(phone) if phone else ""
        except identity.UnusablePhone as unusable:
            message = self.fields["phone"].error_messages["invalid"]
            raise forms.ValidationError(message) from unusable

    def clean(self) -> dict[str, Any]:
        """Leave exactly the answers: no bait, and always a word on sharing.

        The bait is emptied for the next try: a password manager may have filled it for a person.
        """
        answers = {"share_consent": False} | self.cleaned_data
        if answers.pop("website", None):
            self.data = dict(self.data.items()) | {"website": ""}
            self.add_error(None, TAKEN_FOR_A_ROBOT)
        return answers

    @property
    def helper(self) -> FormHelper:
        """Return how crispy lays the form out; only wanted when the form is shown."""
        helper = FormHelper(self)
        helper.form_id = "sign-up"
        helper.form_action = reverse("candidates:home") if self.action is None else self.action
        helper.disable_csrf = True
        helper.attrs = {"novalidate": ""}
        asked = [name for name in self.fields if name != "website"]
        helper.layout = Layout(
            *asked,
            Field("website", template="candidates/fields/bait.html"),
            StrictButton(gettext("Count me in"), type="submit", css_class="btn-primary"),
        )
        return helper
