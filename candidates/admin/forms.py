"""What staff may do with leads, as one form: everything is optional, something must be chosen."""

from typing import Any, TypeAlias
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from candidates import crediting, desk
from candidates.models.candidates import Stage
from partners import credits
from partners.models import Correction, Credit, Drive, ReferralLink, User

Cause: TypeAlias = Correction.Cause

NOBODY = "nobody"


def of_a_colleague(reason: str) -> None:
    """What the software writes of lines that never counted hides them; a colleague hides none."""
    if reason.strip() in Credit.NEVER_COUNTED:
        raise ValidationError(
            _("The software says this of what never counted. Please say it in other words.")
        )


def _colleagues() -> list[tuple[str, Any]]:
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("full_name", "pk")
    return [
        ("", _("Leave as it is")),
        (NOBODY, _("Nobody")),
        *((str(user.pk), str(user)) for user in staff),
    ]


class LeadsForm(forms.Form):
    """The leads that somebody chose from a list."""

    ids = forms.CharField(widget=forms.HiddenInput)

    def clean_ids(self) -> list[UUID]:
        try:
            ids = list(dict.fromkeys(UUID(text) for text in self.cleaned_data["ids"].split(",")))
        except ValueError as error:
            raise forms.ValidationError(_("Choose the leads again.")) from error
        if len(ids) > desk.COUNTED_UP_TO:
            raise forms.ValidationError(_("Choose fewer leads."))
        return ids


class TriageForm(LeadsForm):
    to_stage = forms.ChoiceField(
        label=_("Move to stage"),
        required=False,
        choices=[("", _("Leave as it is")), *Stage.choices],
    )
    assignee = forms.ChoiceField(label=_("Assign to"), required=False, choices=_colleagues)
    text = forms.CharField(
        label=_("Add a note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_to_stage(self) -> Stage | None:
        return Stage(self.cleaned_data["to_stage"]) if self.cleaned_data["to_stage"] else None

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        if not self.errors and not any(chosen[name] for name in ("to_stage", "assignee", "text")):
            raise forms.ValidationError(_("Choose a stage or a colleague, or write a note."))
        return chosen

    @property
    def colleague(self) -> User | None:
        chosen = self.cleaned_data["assignee"]
        return None if chosen == NOBODY else User.objects.get(pk=chosen)


class LinkForm(forms.Form):
    """One link, of any partner."""

    link = forms.ModelChoiceField(ReferralLink.objects.select_related("partner"))


class WhyForm(forms.Form):
    """Why the ledger is corrected: in a word for everybody, in a sentence for colleagues."""

    cause = forms.ChoiceField(
        label=_("Why, in public"),
        choices=[("", "—"), *((it, it.label) for it in Cause if it not in Correction.BY_RULE)],
        widget=forms.Select(attrs={"aria-describedby": "cause-help"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=credits.LONGEST_REASON,
        validators=[of_a_colleague],
        widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "reason-help"}),
    )

    def clean_cause(self) -> Correction.Cause:
        return Cause(self.cleaned_data["cause"])


class VoidForm(LeadsForm, WhyForm):
    """Whose credit is taken back, and why."""


class CreditForm(WhyForm):
    """Why a credit is corrected and, where that is asked, to which link it goes or to nobody."""

    link = forms.CharField(required=False)

    def __init__(self, *args: Any, asks_link: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks_link = asks_link

    def clean_link(self) -> ReferralLink | None:
        chosen = self.cleaned_data["link"]
        if not self.asks_link or chosen == NOBODY:
            return None
        link: ReferralLink = LinkForm.base_fields["link"].clean(chosen)
        return link


class RecomputeForm(forms.Form):
    """A drive, and the model under which its credit is looked at."""

    drive = forms.ModelChoiceField(
        Drive.objects.order_by("-opens_at", "-id"), label=_("Drive"), empty_label=None
    )
    attribution = forms.ChoiceField(label=_("Credit goes to"), choices=Drive.Attribution)
    window_days = forms.IntegerField(
        label=_("Days a link is remembered"), min_value=1, max_value=crediting.LONGEST_WINDOW
    )


class ApplyForm(RecomputeForm):
    """What somebody saw, and why it is to be written."""

    until = forms.DateTimeField(widget=forms.HiddenInput)
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Reason"),
        max_length=crediting.LONGEST_WHY,
        widget=forms.TextInput(attrs={"aria-describedby": "why-help"}),
    )


class ReasonForm(forms.Form):
    """Why something is done that colleagues will ask about."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        validators=[of_a_colleague],
        widget=forms.TextInput(attrs={"aria-describedby": "reason-help"}),
    )
