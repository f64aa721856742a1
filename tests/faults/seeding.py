"""What a world is filled with. Run as a program, in an environment that leads to it.

Whatever of the platform's own names the harness needs to owe mails stands here.
"""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from candidates import signup  # noqa: E402
from candidates.consent import Agreement  # noqa: E402
from candidates.models import Consent  # noqa: E402
from candidates.replay.cast import Person, Recipe  # noqa: E402
from partners import demo  # noqa: E402
from tests.faults.witness import TABLES  # noqa: E402

AGREED = [Agreement(Consent.Purpose.CONTACT, "You may write to me.")]
FIELDS = ("first_name", "last_name", "email", "office", "timeline")


def prepare() -> None:
    """The tables, a drive that is on, partners, links, and our witness."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    demo.load_partners()
    demo.open_drive(slug="faults", opens_at=now, baseline=demo.BASELINE, now=now)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)


def people(number: str, run: str) -> None:
    """So many sign up; each is owed a mail now. Each run brings others."""
    now = timezone.now()
    for person in Recipe(people=int(number), run=int(run), codes=["nobody"]).cast():
        if isinstance(person, Person):
            told = {name: person.answers[name] for name in FIELDS}
            answers = signup.Answers(**told, zip_code="10001")
            signup.sign_up(answers=answers, agreements=AGREED, now=now)


if __name__ == "__main__":
    {"prepare": prepare, "people": people}[sys.argv[1]](*sys.argv[2:])
