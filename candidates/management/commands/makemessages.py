"""Brings locale/ up to date with what the code and the templates say: Django's, without options.

Needs GNU gettext, as Django's does. What it writes depends on the source alone: no date, no line
number, no guess that a new sentence means what an old one did.
"""

from pathlib import Path
from typing import Any

from django.core.management.commands import makemessages

NOT_OURS = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Report-Msgid-Bugs-To:')


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options |= {"locale": ["es"], "no_wrap": True, "add_location": "file", "no_obsolete": True}
        options["ignore_patterns"] += ["bench/*", "tests/*"]
        super().handle(*args, **options)

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        catalogue = Path(potfile).parent / locale / "LC_MESSAGES" / "django.po"
        lines = catalogue.read_text().splitlines(keepends=True)
        catalogue.write_text("".join(line for line in lines if not line.startswith(NOT_OURS)))
