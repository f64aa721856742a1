"""What staff say of a milestone: until it is reached, and nothing after that."""

from typing import Any

from django.utils.translation import gettext as _

from partners import milestones
from partners.asking import AskingForm
from partners.models import Milestone

SAID = ("scope", "partner", "target")


class MilestoneForm(AskingForm):
    """Shows a milestone that was reached, and takes no change of it: it is history.

    One that would be reached by being set is announced in the next second, for good: it asks.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.reached_at:
            for name in self.fields.keys() & set(SAID):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if self.instance.reached_at:
            self._keep_history()
        elif not self.errors:
            self._ask_before_it_is_announced()
        return given

    def _keep_history(self) -> None:
        if any(map(self._is_sent_otherwise, SAID)):
            words = _("%(milestone)s was reached meanwhile: it is history, and stays as it was.")
            milestone = Milestone.objects.get(pk=self.instance.pk)
            self.add_error(None, words % {"milestone": milestone})

    def _is_sent_otherwise(self, name: str) -> bool:
        """Browsers send nothing of a field that can't be changed; who had it open before, do."""
        was = self.get_initial_for_field(self.fields[name], name)
        key = self.add_prefix(name)
        return key in self.data and str(self.data[key]) != str("" if was is None else was)

    def _ask_before_it_is_announced(self) -> None:
        """The drive is as its own form says, with a baseline that is not kept yet."""
        drive = self.cleaned_data["drive"]
        if not drive.day_on:
            return  # a new one, whose own form is refused
        told = {name: self.cleaned_data[name] for name in SAID}
        milestone = Milestone(**told)
        counted = milestones.value(milestone=milestone, drive=drive)
        if counted < milestone.target:
            return
        name = f"{milestone} ({milestone.partner})" if milestone.partner else str(milestone)
        facts = {"milestone": name, "counted": f"{counted:,}"}
        self.ask(
            warning=_(
                "%(counted)s are counted with this: %(milestone)s would be announced at once, and"
                " for good."
            )
            % facts,
            answer=_("Yes, announce now: %(milestone)s") % facts,
        )
