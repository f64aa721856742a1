"""What staff say of a drive, and what is refused: every sign-up belongs to an open drive."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners import milestones
from partners.models import Drive


class DriveForm(forms.ModelForm):  # type: ignore[type-arg]
    """Keeps a drive open: every sign-up belongs to one."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        self._check_the_day()
        baseline, source = self._given("baseline", "baseline_source")
        if baseline and not source:
            self.add_error("baseline_source", _("Say where that number is from."))
        if self.instance.pk:
            self._check_that_one_is_open()
            self._keep_the_clock()
        return given

    def _check_the_day(self) -> None:
        """The day lies between opening and closing; the last day's own check is a constraint."""
        opens_at, closes_at, zone = self._given("opens_at", "closes_at", "time_zone")
        day, last_day = self._given("day_on", "last_day_on")
        if not (opens_at and zone and day):
            return
        told = Drive(day_on=day, last_day_on=last_day, time_zone=zone)
        if closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("It must close after it opens."))
        elif closes_at and closes_at <= told.span[0]:
            self.add_error("closes_at", _("It can't close before the day begins."))
        if told.span[1] <= opens_at:
            self.add_error("opens_at", _("The day would be over before the drive opens."))

    def _check_that_one_is_open(self) -> None:
        opens_at, closes_at = self._given("opens_at", "closes_at")
        now = timezone.now()
        if opens_at and closes_at:
            self._keep_open(max(now, closes_at))
        elif opens_at and opens_at > now:
            self._keep_open(now)

    def _keep_the_clock(self) -> None:
        """What was counted by one clock is not cut anew by another: a milestone may stand on it."""
        changed = [name for name in ("time_zone", "is_local_day") if name in self.changed_data]
        if changed and milestones.is_counted(drive=self.instance):
            for name in changed:
                message = _("People were counted by this clock already: open another drive.")
                self.add_error(name, message)

    def _given(self, *names: str) -> list[Any]:
        return [self.cleaned_data.get(name) for name in names]

    def _keep_open(self, at: datetime) -> None:
        """Ask for another drive that is open then, when this one is not."""
        try:
            Drive.objects.exclude(pk=self.instance.pk).current(at)
        except Drive.DoesNotExist:
            message = _("Another drive must be open then: every sign-up belongs to one.")
            self.add_error("closes_at", message)
