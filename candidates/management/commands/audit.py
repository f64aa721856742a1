"""Says whether every number that must always be right is right."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from candidates.audit import check, corrections, ledger, mails, people, targets


class Command(BaseCommand):
    help = (
        "Check people, credits, tallies, letters and milestones against each other. Exits with 1 "
        "when anything is off. Sweeps that are at work right now show as lines still uncounted: "
        "ask again a moment later."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        checks = [*people.always(), *ledger.always(), *corrections.always()]
        if settings.IS_DEMO:  # in production mail leaves for good: nothing is left to look into
            arrived = mails.read(folder=Path(settings.OUTBOX_DIR))
            checks += mails.always(arrived=arrived, now=timezone.now())
        checks += targets.always()
        for line in check.table(checks):
            self.stdout.write(line)
        off = sum(not it.is_ok for it in checks)
        if off:
            raise CommandError(f"{off} of {len(checks)} are off.")
        self.stdout.write(self.style.SUCCESS(f"All {len(checks)} are right."))
