"""What staff are asked about a sequence, a step, and its words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from candidates import editing
from candidates.admin.mail_forms import AudienceForm, WordsForm
from candidates.admin.overtaken import BegunForm
from candidates.models import Lane, Sequence, Step
from candidates.models.candidates import Stage
from partners.models import Partner

TRIGGERS = [
    (it.value, it.label) for it in (Sequence.Trigger.CONFIRMED, Sequence.Trigger.STAGE_REACHED)
]
# A lead stands in the stage of a call from when it is booked: who attended it is moved on.
CALLS = {
    Stage.INTRO_CALL: _("Introduction call: it is booked"),
    Stage.ONE_TO_ONE: _("One-to-one call: it is booked, the introduction call was attended"),
}
STAGES = [("", "–"), *((it.value, CALLS.get(it, it.label)) for it in Stage)]
MOST_DAYS = 365


class ColumnsForm(forms.ModelForm, AudienceForm, BegunForm):  # type: ignore[type-arg]
    """What is asked of a sequence or a step, and whom it is for."""

    def audience(self) -> list[forms.BoundField]:
        return [self[name] for name in AudienceForm.base_fields]

    def heed(self, check: Callable[..., None], *values: Any) -> None:
        """Ask here what the database would refuse without a word of ours."""
        try:
            check(*values)
        except editing.NotAllowed as refused:
            self.add_error(refused.field, str(refused))

    def questions(self) -> list[forms.BoundField]:
        return [it for it in self.visible_fields() if it not in self.audience()]


class SequenceForm(ColumnsForm):
    class Meta:
        model = Sequence
        fields = (
            "name", "trigger", "trigger_stage", "stages", "offices", "languages", "states",
            "partners", "ends_on_move", "ends_on_reply", "reply_to",
        )  # fmt: skip
        labels = {
            "trigger": _("Begins when somebody"),
            "trigger_stage": _("Which stage"),
            "reply_to": _("Replies go to"),
        }
        help_texts = {
            "trigger": _(
                "A booked call is a stage: choose “reached a stage”, and then the call. It begins"
                " when a colleague moves the lead there; no calendar does."
            ),
            "trigger_stage": _("Only for a sequence that begins when somebody reached a stage."),
            "reply_to": _("An address that somebody reads. Empty: where all replies go."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["began"] = editing.settings_of(self.instance)
        if self.instance.is_for_unconfirmed:
            # What the confirmation begins with, and for whom, is not a matter of taste.
            del self.fields["trigger"], self.fields["trigger_stage"]
        else:
            self.fields["trigger"].choices = TRIGGERS  # type: ignore[attr-defined]
            self.fields["trigger_stage"].choices = STAGES  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if chosen.get("trigger") != Sequence.Trigger.STAGE_REACHED and "trigger_stage" in chosen:
            chosen["trigger_stage"] = ""
        trigger = chosen.get("trigger", "")
        self.heed(editing.check_stage, trigger, chosen.get("trigger_stage", ""))
        return chosen


class NewSequenceForm(SequenceForm):
    class Meta(SequenceForm.Meta):
        fields = ("name", "slug", *SequenceForm.Meta.fields[1:])  # type: ignore[assignment]
        labels = SequenceForm.Meta.labels | {"slug": _("Short name")}
        help_texts = SequenceForm.Meta.help_texts | {
            "slug": _("Small letters, digits and hyphens. It never changes: reports go by it.")
        }


class StepForm(ColumnsForm):
    days = forms.IntegerField(label=_("Days after the beginning"), min_value=0, max_value=MOST_DAYS)
    hours = forms.IntegerField(label=_("and hours"), min_value=0, max_value=23)
    polite_from = forms.IntegerField(
        label=_("Not before (hour)"), min_value=0, max_value=24, required=False
    )
    polite_until = forms.IntegerField(
        label=_("Not after (hour)"),
        min_value=0,
        max_value=24,
        required=False,
        help_text=_("By the clock where the reader lives, from 0 to 24. Empty: at any hour."),
    )
    lane = forms.TypedChoiceField(
        label=_("Leaves"),
        choices=Lane.choices,
        coerce=int,
        help_text=_("At once is for what somebody waits for. It overtakes everything else."),
    )

    class Meta:
        model = Step
        fields = (
            "name", "polite_from", "polite_until", "lane", "stages", "offices", "languages",
            "states", "partners",
        )  # fmt: skip

    field_order = ("name", "days", "hours", "polite_from", "polite_until", "lane")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["began"] = editing.settings_of_step(self.instance)
        delay = self.instance.delay
        if delay is not None:
            self.initial.update(days=delay.days, hours=delay.seconds // 3600)

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if "days" in chosen and "hours" in chosen:
            self.instance.delay = timedelta(days=chosen["days"], hours=chosen["hours"])
        self.heed(editing.check_hours, chosen.get("polite_from"), chosen.get("polite_until"))
        return chosen


class PlaceForm(forms.Form):
    """Which text of a step: in which language, and whose people it is for; none: everybody's."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    partner = forms.ModelChoiceField(
        Partner.objects.order_by("name"),
        label=_("For those who came through"),
        required=False,
        empty_label=_("everybody"),
    )


class TextForm(WordsForm):
    """The words of one place, the version they were begun with, and for whom to look at them."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reader = forms.EmailField(
        label=_("Look at it as this lead"),
        required=False,
        help_text=_("The e-mail address of a lead. Empty: the newest who reads this language."),
    )


class AgainForm(forms.Form):
    """Which version is to be used again."""

    version = forms.IntegerField(min_value=1)
