"""Recomputes the credit of a drive under another model: shows the difference, and writes it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from candidates import crediting
from partners.models import Drive, User


class Command(BaseCommand):
    help = (
        "Shows what each partner would gain and lose under a model; with --apply, writes it as "
        "lines of the ledger. Stopped half-way, it is finished by running it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--drive", required=True, help="its short name")
        parser.add_argument("--model", required=True, choices=Drive.Attribution.values)
        parser.add_argument("--window", required=True, type=int, help="in days")
        parser.add_argument("--apply", action="store_true", help="write it")
        parser.add_argument("--adopt", action="store_true", help="new sign-ups too, from now on")
        parser.add_argument("--reason", default="", help="in a few words, kept with each line")
        parser.add_argument("--author", help="e-mail of the colleague who answers for it")

    def handle(self, *_args: Any, **options: Any) -> None:
        question = self._question(options)
        if options["apply"]:
            outcome = crediting.apply(
                question=question,
                author=self._author(options["author"]),
                now=question.until,
                adopt=options["adopt"],
                progress=self._progress,
            )
            self._tell(outcome, question, written=True)
        else:
            outcome = crediting.dry_run(question=question, progress=self._progress)
            self._tell(outcome, question, written=False)

    def _question(self, options: dict[str, Any]) -> crediting.Question:
        drive = Drive.objects.filter(slug=options["drive"]).first()
        if drive is None:
            raise CommandError(f"There is no drive {options['drive']}.")
        if not 1 <= options["window"] <= crediting.LONGEST_WINDOW:
            raise CommandError(f"--window is 1 to {crediting.LONGEST_WINDOW:,} days.")
        if options["adopt"] and not options["apply"]:
            raise CommandError("--adopt goes with --apply.")
        if len(options["reason"]) > crediting.LONGEST_WHY:
            raise CommandError(f"--reason has at most {crediting.LONGEST_WHY} characters.")
        model, window, why = (options[it] for it in ("model", "window", "reason"))
        return crediting.Question(drive, model, window, timezone.now(), why)

    def _author(self, email: str | None) -> User | None:
        if not email:
            return None
        author = User.objects.filter(email=email.lower(), is_staff=True).first()
        if author is None:
            raise CommandError("--author must be the e-mail of a colleague with a log-in.")
        return author

    def _progress(self, people: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{people:,} people", ending="\r")

    def _tell(
        self, outcome: crediting.Outcome, question: crediting.Question, *, written: bool
    ) -> None:
        deltas = outcome.deltas
        for it in crediting.differences(drive=question.drive, deltas=deltas, written=written):
            name = str(it.partner or "organic")
            self.stdout.write(
                f"{name:<40.40}  {it.kind:<13}  {it.before:>9,}  {it.change:>+8,}  {it.after:>9,}"
            )
        would = "" if written else "would "
        moved, held = ("moved", "held") if written else ("move", "be held")
        people = f"{outcome.moves:,} of {outcome.people:,} people {would}{moved}"
        self.stdout.write(f"{people}, {outcome.holds:,} {would}{held}.")
