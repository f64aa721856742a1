"""What is wrong now, the worst first, each with a sentence that says what to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.war_room.looking import LATELY, WarRoom

# The fold comes every second, and so do most sweeps: what waits longer waits for something.
LATE = timedelta(seconds=10)
QUEUE_LATE = timedelta(seconds=60)
# A sign-up or two that met a restart is no news; one in a hundred is.
MOST_AWAY_PERCENT = 1
# On the day, at a plan of one a minute or more, ten minutes without anybody are no chance.
SILENT_BELOW = 1.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """`words` say what is wrong, `deed` what to do about it."""

    words: str
    deed: str


def find(room: WarRoom) -> list[Trouble]:
    return [*_counting(room), *_failing(room), *_silence(room), *_queueing(room)]


def _counting(room: WarRoom) -> Iterator[Trouble]:
    if room.uncounted_at and room.as_of - room.uncounted_at > LATE:
        seconds = int((room.as_of - room.uncounted_at).total_seconds())
        yield Trouble(
            ngettext(
                "A sign-up has waited for %(n)s second to be counted.",
                "A sign-up has waited for %(n)s seconds to be counted.",
                seconds,
            )
            % {"n": f"{seconds:,}"},
            _("Nobody is lost: the totals lag. See that the worker and the beat run."),
        )
    if room.drifted:
        yield Trouble(
            ngettext(
                "%(n)s number had drifted from the ledger, and was repaired.",
                "%(n)s numbers had drifted from the ledger, and were repaired.",
                room.drifted,
            )
            % {"n": f"{room.drifted:,}"},
            _("The list of recounts says which. Find out who wrote there beside the fold."),
        )


def _failing(room: WarRoom) -> Iterator[Trouble]:
    failures = room.failures
    if failures is None:
        yield Trouble(
            _("Redis is away."),
            _("Sign-ups go on. E-mails, totals and visits wait until it is back: start it."),
        )
        return
    if failures.errors:
        yield Trouble(
            _count(failures.errors, "errors"),
            _("Somebody saw an error page. The log of the web server says what it was."),
        )
    if failures.away * 100 > room.lately * MOST_AWAY_PERCENT:
        yield Trouble(
            _count(failures.away, "away"),
            _("PostgreSQL was away. Who met this was told to try again in a moment."),
        )
    if failures.tasks:
        yield Trouble(
            _count(failures.tasks, "tasks"),
            _("What was owed is tried again. The log of the worker says what it was."),
        )


def _count(n: int, what: str) -> str:
    words = {
        "errors": ngettext(
            "%(n)s page failed in the last %(minutes)s minutes.",
            "%(n)s pages failed in the last %(minutes)s minutes.",
            n,
        ),
        "away": ngettext(
            "%(n)s request could not be served in the last %(minutes)s minutes.",
            "%(n)s requests could not be served in the last %(minutes)s minutes.",
            n,
        ),
        "tasks": ngettext(
            "%(n)s task of a worker failed in the last %(minutes)s minutes.",
            "%(n)s tasks of a worker failed in the last %(minutes)s minutes.",
            n,
        ),
    }
    return words[what] % {"n": f"{n:,}", "minutes": LATELY}


def _silence(room: WarRoom) -> Iterator[Trouble]:
    """Nobody confirms who did not sign up: of the two silences, the first is told."""
    planned, _before = room.day.per_minute(room.as_of)
    if not room.is_on or (planned or 0) < SILENT_BELOW:
        return
    if not room.lately:
        yield Trouble(
            _("Nobody has signed up for %(minutes)s minutes.") % {"minutes": LATELY},
            _("Open the form as a stranger would, and send a test sign-up."),
        )
    elif not room.came.get(room.drive.counts):
        yield Trouble(
            ngettext(
                "Nobody has confirmed for %(minutes)s minutes, in which %(n)s person signed up.",
                "Nobody has confirmed for %(minutes)s minutes, in which %(n)s people signed up.",
                room.lately,
            )
            % {"minutes": LATELY, "n": f"{room.lately:,}"},
            _("Only who confirms counts in this drive. See that the confirmations leave."),
        )


def _queueing(room: WarRoom) -> Iterator[Trouble]:
    for queue in room.queues or ():
        if queue.oldest_at and room.as_of - queue.oldest_at > QUEUE_LATE:
            yield Trouble(
                _("Nobody has taken anything from the queue “%(name)s” for a minute.")
                % {"name": queue.name},
                _("A worker for it is missing or stuck. What it does is owed and will be done."),
            )
