"""What staff say of a drive, and what is refused: every sign-up belongs to an open drive."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from partners import drives, milestones
from partners.asking import AskingForm
from partners.begun import BegunForm
from partners.models import Drive
from partners.models.drives import MOST_DAYS

# What people are counted by, and the days that they are counted on.
RULES = ("time_zone", "is_local_day", "counts")
DAYS = ("day_on", "last_day_on")
LOOKED_AT_FIRST = ("time_zone", *DAYS, "opens_at", "closes_at")


class DriveForm(AskingForm, BegunForm):
    """Keeps a drive open: every sign-up belongs to one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """What `clean` reckons with has to be checked before it, and not with the model."""
        super().__init__(*args, **kwargs)
        for it in Drive._meta.fields:
            if it.name in LOOKED_AT_FIRST and it.name in self.fields:
                self.fields[it.name].validators += it.validators
        self._say_whose_clock()

    def _say_whose_clock(self) -> None:
        """The desk reads times by the drive that is on, not by the one that is being planned."""
        zone = timezone.get_current_timezone_name()
        for name in ("opens_at", "closes_at"):
            if name in self.fields:
                self.fields[name].help_text = _(
                    "By the clock of %(zone)s, as all times here, whatever the time zone of"
                    " the drive."
                ) % {"zone": zone}

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        self._check_the_day()
        baseline, source = self._given("baseline", "baseline_source")
        if baseline and not source:
            self.add_error("baseline_source", _("Say where that number is from."))
        if self.instance.pk:
            self._check_that_one_is_open()
            self._keep_the_rules()
            self._keep_the_days()
            self._keep_the_address()
        if not self.errors:
            self._ask_before_another_is_on()
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
        if last_day and (last_day - day).days >= MOST_DAYS:
            message = _("A drive has %(most)s days at most.") % {"most": MOST_DAYS}
            self.add_error("last_day_on", message)

    def _check_that_one_is_open(self) -> None:
        opens_at, closes_at = self._given("opens_at", "closes_at")
        now = timezone.now()
        if opens_at and closes_at:
            self._keep_open(max(now, closes_at))
        elif opens_at and opens_at > now:
            self._keep_open(now)

    def _keep_the_rules(self) -> None:
        """Who was counted by one rule is not counted by another: a milestone may stand on it."""
        changed = [name for name in RULES if name in self.changed_data]
        if changed and milestones.is_counted(drive=self.instance):
            for name in changed:
                self.add_error(name, _("People were counted by this already: open another drive."))

    def _keep_the_days(self) -> None:
        """A day moves while nobody was counted on it, or would be: no number changes by that."""
        day, last_day, zone = self._given(*DAYS, "time_zone")
        changed = [name for name in DAYS if name in self.changed_data]
        if not (changed and day and zone):
            return
        told = Drive(day_on=day, last_day_on=last_day, time_zone=zone)
        if any(
            milestones.is_counted(drive=self.instance, span=it.span) for it in (self.instance, told)
        ):
            for name in changed:
                message = _("People were counted on these days already: open another drive.")
                self.add_error(name, message)

    def _keep_the_address(self) -> None:
        if "slug" in self.changed_data and self.instance.opens_at <= timezone.now():
            message = _("Its pages have had this address since it opened, and keep it.")
            self.add_error("slug", message)

    def _ask_before_another_is_on(self) -> None:
        name, opens_at, closes_at = self._given("name", "opens_at", "closes_at")
        told = Drive(pk=self.instance.pk, name=name, opens_at=opens_at, closes_at=closes_at)
        change = drives.handover(drive=told, now=timezone.now())
        if not change:
            return
        facts = {"before": change[0], "after": change[1]}
        self.ask(
            warning=_(
                "Everybody who signs up from now on would belong to “%(after)s”, and no longer to"
                " “%(before)s”."
            )
            % facts,
            answer=_("Yes, “%(after)s” is on from now, instead of “%(before)s”") % facts,
        )

    def _given(self, *names: str) -> list[Any]:
        return [self.cleaned_data.get(name) for name in names]

    def _keep_open(self, at: datetime) -> None:
        """Ask for another drive that is open then, when this one is not."""
        try:
            Drive.objects.exclude(pk=self.instance.pk).current(at)
        except Drive.DoesNotExist:
            message = _("Another drive must be open then: every sign-up belongs to one.")
            self.add_error("closes_at", message)
