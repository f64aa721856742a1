"""Drives the running site through the day, over HTTP like the public, and audits what is left."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from candidates.audit import check, corrections, ledger, mails, people, public, targets
from candidates.audit.check import Check
from candidates.models import Candidate
from candidates.replay import debts
from candidates.replay.browser import Browser, Line, NotThisMachine
from candidates.replay.cast import Recipe
from candidates.replay.day import Day
from candidates.replay.history import History
from partners import demo, drives
from partners.models import Drive, ReferralLink
from recruit.rehearsal import gate

HELP = f"""Let the day happen on the site that is running here (./run in another terminal).

A fresh drive is opened for today, with a baseline of {demo.BASELINE:,}: so 2,000 on the day is
passed with the 2,000th person and 15,000 in all with the {15_000 - demo.BASELINE:,}th. That is why
2,040 come. Each run has people and a drive of its own, so it can be run again and again. Among the
people are some who mistype, come back, press twice, or share a phone; among the visitors are
crawlers, link scanners and a spammer. Afterwards everything is audited; exits with 1 when a number
is off. Kill the worker while it runs (kill -9): everything must still come out right.

With RECRUIT_REHEARSAL=on it is the rehearsed drive's day, with its own partners and milestones."""
DRIVE_KNOWN_SECONDS = 2 * drives.KEPT_SECONDS + 0.5
BAR = 30
TELL_SECONDS = 10


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=2_040, help="how many sign up (2040)")
        parser.add_argument(
            "--rate", type=float, default=20, help="people a second (20); 0: as fast as it goes"
        )
        parser.add_argument(
            "--base-url", default=settings.BASE_URL, help=f"the site ({settings.BASE_URL})"
        )
        parser.add_argument("--clients", type=int, default=8, help="browsers at a time (8)")
        parser.add_argument(
            "--patience", type=float, default=600, help="seconds to wait for the last mail (600)"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if settings.IS_PRODUCTION and not settings.IS_REHEARSAL:
            raise CommandError(
                "The day is replayed in the demo or in a rehearsal: its people are invented."
            )
        self.base_url, self.shown = options["base_url"], -1
        self._refuse_what_is_not_there()
        visits = public.visits()
        drive, run = self._rehearsed() if settings.IS_REHEARSAL else self._fresh()
        day = self._day(options, run)
        time.sleep(DRIVE_KNOWN_SECONDS)  # from then on no web process goes by the drive before
        self._say(f"{drive.name} ({drive.slug}): {options['people']:,} people come")
        self._say(f"to {self.base_url}/, where {self.base_url}/live/ shows them.")
        day.run(progress=self._progress)
        self._report(day)
        self._wait(day, options["patience"])
        day.close()
        self._audit(drive, day, visits)

    def _refuse_what_is_not_there(self) -> None:
        try:
            line = Line(base_url=self.base_url)
            answer = Browser(line, "replay").get("/healthz")
            line.close()
        except NotThisMachine as other:
            raise CommandError(f"{other} is not this machine; the day is replayed here.") from other
        if answer.status != 200:
            raise CommandError(f"Nothing answers at {self.base_url}: start ./run first.")

    def _fresh(self) -> tuple[Drive, int]:
        now = timezone.now()
        demo.load_partners()
        run = Drive.objects.filter(slug__startswith="replay-").count() + 1
        slug, baseline = f"replay-{run}", demo.BASELINE
        return demo.open_drive(slug=slug, opens_at=now, baseline=baseline, now=now), run

    def _rehearsed(self) -> tuple[Drive, int]:
        """The drive that is rehearsed, with its own partners and milestones: once, from nothing."""
        if gate.look() is not gate.Gate.OPEN:
            raise CommandError("There is no rehearsal now: begin one in the real admin.")
        if Candidate.objects.exists():
            raise CommandError(
                "Somebody has signed up in this rehearsal: purge it and begin another, so that the"
                " audit counts from nothing."
            )
        if not ReferralLink.objects.exists():
            demo.load_partners()
        return drives.current(now=timezone.now()), 1

    def _day(self, options: dict[str, Any], run: int) -> Day:
        links = ReferralLink.objects.order_by("code")
        if not settings.IS_REHEARSAL:
            links = links.filter(partner__name__in=demo.PARTNER_NAMES)
        codes = list(links.values_list("code", flat=True))
        return Day(
            base_url=self.base_url,
            cast=Recipe(people=options["people"], run=run, codes=codes).cast(),
            codes=frozenset(codes),
            outbox=None if settings.IS_REHEARSAL else Path(settings.OUTBOX_DIR),
            clients=options["clients"],
            rate=options["rate"],
        )

    def _progress(self, done: int, total: int) -> None:
        percent = 100 * done // max(1, total)
        if sys.stdout.isatty():
            bar = "█" * (BAR * percent // 100)
            self.stdout.write(f"\r{bar:░<{BAR}} {percent:3} % {done:,} of {total:,}", ending="")
            if done == total:
                self.stdout.write("")
        elif percent // 5 > self.shown:
            self.shown = percent // 5
            self._say(f"{percent:3} %  {done:,} of {total:,} have been here")

    def _report(self, day: Day) -> None:
        history = day.history
        seconds = max(day.seconds, 0.001)
        accepted = history.outcomes["accepted"]
        self._say(
            f"{accepted:,} sign-ups accepted in {seconds:.1f} s ({accepted / seconds:.0f}/s), of "
            f"{len(history.accepted):,} people; half within {history.percentile(0.5):.0f} ms, 99 % "
            f"within {history.percentile(0.99):.0f} ms."
        )
        for outcome, number in sorted(history.outcomes.items()):
            if outcome != "accepted":
                self._say(f"{number:7,}  {outcome}")
        self._say(f"{history.repeats:7,}  accepted again from somebody known")

    def _wait(self, day: Day, patience: float) -> None:
        """Wait until nothing is owed; what is still owed then, the audit will show."""
        until, said_at = time.monotonic() + patience, 0.0
        while time.monotonic() < until:
            owed = debts.look(now=timezone.now(), still_to_confirm=day.still_to_confirm())
            if owed.are_paid:
                break
            if time.monotonic() - said_at > TELL_SECONDS:
                said_at = time.monotonic()
                self._say(f"waiting for {owed}")
            time.sleep(1)
        time.sleep(DRIVE_KNOWN_SECONDS)  # the last visits leave the web processes

    def _audit(self, drive: Drive, day: Day, visits: tuple[int, ...]) -> None:
        checks = list(self._checks(drive, day.history, visits, timezone.now()))
        self._say("")
        for line in check.table(checks):
            self._say(line)
        for surprise in day.history.surprises[:20]:
            self._say(f"!  {surprise}")
        off = sum(not it.is_ok for it in checks)
        if off:
            raise CommandError(f"{off} of {len(checks)} are off.")
        self._say(self.style.SUCCESS(f"All {len(checks)} are right."))

    def _checks(
        self, drive: Drive, history: History, visits: tuple[int, ...], now: datetime
    ) -> Iterator[Check]:
        number = len(history.accepted)
        since = drive.opens_at - timedelta(seconds=1)
        arrived = (
            mails.said(since=since)
            if settings.IS_REHEARSAL
            else mails.read(folder=Path(settings.OUTBOX_DIR), since=since)
        )
        yield check.none("answers that nobody should get", len(history.surprises))
        yield check.none("people who gave up", len(history.gave_up))
        yield from people.of_the_day(history=history, drive_id=drive.id)
        yield from public.of_the_drive(
            drive_id=drive.id, baseline=drive.baseline, base_url=self.base_url, people=number
        )
        yield from targets.of_the_drive(drive_id=drive.id, arrived=arrived, signed_up=number)
        yield from public.of_visits(history=history, before=visits)
        yield from people.always()
        yield from ledger.always()
        yield from corrections.always()
        yield from mails.always(arrived=arrived, now=now)
        yield from targets.always()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
