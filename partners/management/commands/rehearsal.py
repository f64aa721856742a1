"""Begins, shows and purges a rehearsal from the terminal, as staff do in the admin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from partners import rehearsals
from partners.models import Drive


class Command(BaseCommand):
    help = (
        "look: say how the rehearsal stands. begin: begin one of the drive with this short name;"
        " a worker makes it. purge: drop all of it; asks first, unless --yes is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["look", "begin", "purge"])
        parser.add_argument("drive", nargs="?", help="the short name of a drive")
        parser.add_argument("--yes", action="store_true", help="purge, or begin today, unasked")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if not rehearsals.is_set_up():
            raise CommandError("Set REHEARSAL_URL first, and call it beside the real processes.")
        getattr(self, f"_{options['act']}")(options)

    def _look(self, options: dict[str, Any]) -> None:  # noqa: ARG002 - all three take them
        look = rehearsals.look(now=timezone.now())
        if look is None:
            self.stdout.write("There is no rehearsal now.")
            return
        it, there = look.rehearsal, look.numbers
        state = "on" if look.is_ready else "being purged" if it.purging_at else f"{it.percent} %"
        self.stdout.write(f"{it.drive}: {state}, at {look.url}/")
        self.stdout.write(
            f"{there.people:,} people, {there.mails:,} mails, {there.credits:,} credits"
        )
        if look.silent:
            self.stdout.write(f"Not heard of: {', '.join(look.silent)}")
        if look.is_other_version:
            self.stdout.write("It is of another version: purge it and begin another.")

    def _begin(self, options: dict[str, Any]) -> None:
        drive, now = Drive.objects.filter(slug=options["drive"]).first(), timezone.now()
        if drive is None:
            raise CommandError(f"There is no drive with the short name {options['drive']}.")
        if rehearsals.is_its_day(drive=drive, now=now) and not options["yes"]:
            self._ask(
                f"Today is the real day of {drive}. Type its name to rehearse it: ", drive.name
            )
        try:
            rehearsals.begin(drive=drive, by=None, now=now)
        except rehearsals.AlreadyOn as on:
            raise CommandError("There is a rehearsal already: purge that one first.") from on
        self.stdout.write("A worker makes it now: ./run manage rehearsal look")

    def _purge(self, options: dict[str, Any]) -> None:
        look = rehearsals.look(now=timezone.now())
        if look is None:
            raise CommandError("There is no rehearsal now.")
        self._look(options)
        if not options["yes"]:
            self._ask("Type purge to drop all of it: ", "purge")
        if rehearsals.purge(rehearsal=look.rehearsal, by=None, now=timezone.now()):
            self.stdout.write(self.style.SUCCESS("It is purged: nothing of it is left."))
        else:
            self.stdout.write("It is closed; a worker drops what is left of it.")

    def _ask(self, question: str, wanted: str) -> None:
        self.stdout.write(question, ending="")
        self.stdout.flush()
        if input().strip().casefold() != wanted.casefold():
            raise CommandError("Nothing was done.")
