"""Fills the demo: partners, links, a drive for today, and the first leads."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from candidates import demo


class Command(BaseCommand):
    help = "Load the demo's invented partners, links, drive and leads. Doing it again adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if settings.IS_PRODUCTION:
            raise CommandError("The demo's people are invented: they have no place in production.")
        drive = demo.load(now=timezone.now())
        self.stdout.write(f"The demo is loaded: {drive.name}, {drive.day_on:%d %B %Y}.")
