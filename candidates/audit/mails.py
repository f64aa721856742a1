"""Mails: what was sent arrived, under its own name, at the right person, and not twice."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

from candidates.audit.check import Check, at_most, count, none, rows

FOLLOWUPS = """
SELECT followup.id::text, followup.state, followup.attempts, person.email
FROM candidates_followup AS followup
JOIN candidates_candidate AS person ON person.id = followup.candidate_id
"""
OF_PARTNERS = "SELECT id::text FROM partners_letter"
SENT = """
SELECT followup.id::text, person.email FROM candidates_followup AS followup
JOIN candidates_candidate AS person ON person.id = followup.candidate_id
WHERE followup.state = 'sent'
"""
TOLD = """
SELECT letter.id::text, milestone.target, drive.name FROM partners_letter AS letter
JOIN partners_milestone AS milestone ON milestone.id = (letter.facts ->> 'milestone')::bigint
JOIN partners_drive AS drive ON drive.id = milestone.drive_id
WHERE letter.kind = 'milestone' AND letter.sent_at >= %s
"""
LATE = """
SELECT count(*) FROM candidates_followup
WHERE state IN ('due', 'sending') AND due_at < %s AND (leased_until IS NULL OR leased_until < %s)
"""
PAST_LEASE = "SELECT count(*) FROM candidates_followup WHERE leased_until < %s"
FAILED = "SELECT count(*) FROM candidates_followup WHERE state = 'failed'"
DONE_BUT_LEASED = """
SELECT count(*) FROM candidates_followup
WHERE leased_until IS NOT NULL AND state NOT IN ('due', 'sending')
"""
GRACE = timedelta(seconds=30)
# A worker that is killed repeats at most the mails it had begun: one in each of its four threads.
MOST_REPEATS = 8
LETTER = re.compile(r"<([0-9a-f-]{36})@")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived: deliveries by Message-ID, and to whom; of other mail the names by subject."""

    deliveries: Counter[str]
    readers: dict[str, str]
    subjects: defaultdict[str, set[str]]


def read(*, folder: Path, since: datetime | None = None) -> Arrived:
    """Read the headers of every mail in the outbox; of other mail only what came since."""
    arrived = Arrived(Counter(), {}, defaultdict(set))
    if folder.exists():
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".eml"):
                    _note(entry, arrived, since)
    return arrived


def said(*, since: datetime) -> Arrived:
    """Go by what the rows say, where nothing can be seen to arrive: in a rehearsal.

    It mails only people with an account, wherever they read their mail.
    """
    arrived = Arrived(Counter(), {}, defaultdict(set))
    for key, email in rows(SENT):
        arrived.deliveries[key] += 1
        arrived.readers[key] = email
    for key, target, drive in rows(TOLD, [since]):
        arrived.subjects[f"{target:,} reached: {drive}"].add(key)
    return arrived


def _note(entry: os.DirEntry[str], arrived: Arrived, since: datetime | None) -> None:
    with Path(entry.path).open("rb") as file:
        headers = BytesHeaderParser(policy=policy.default).parse(file)
    name = LETTER.match(str(headers["Message-ID"]))
    if name and headers["List-Unsubscribe"]:
        arrived.deliveries[name[1]] += 1
        arrived.readers[name[1]] = parseaddr(str(headers["To"]))[1]
    elif since is None or entry.stat().st_mtime >= since.timestamp():
        arrived.subjects[str(headers["Subject"])].add(str(headers["Message-ID"]))


def always(
    *, arrived: Arrived, now: datetime, most_repeats: int = MOST_REPEATS, most_unsaid: int = 0
) -> Iterator[Check]:
    """`most_unsaid`: arrivals that their rows may know nothing of.

    None, but after a crash of PostgreSQL: it may forget what was begun in its last second.
    """
    followups = {row[0]: row[1:] for row in rows(FOLLOWUPS)}
    sent = {key for key, (state, *_) in followups.items() if state == "sent"}
    yield Check("sent letters that arrived", len(sent), len(sent & arrived.deliveries.keys()))
    strange = arrived.deliveries.keys() - followups.keys() - of_partners()
    yield none("letters that no row asked for", len(strange))
    yield from _deliveries(arrived, followups, most_repeats, most_unsaid)
    grace = now - GRACE
    yield none("letters overdue", count(LATE, [grace, grace]))
    yield none("letters that failed", count(FAILED))
    yield none("letters past their lease", count(PAST_LEASE, [grace]))
    yield none("letters done and still leased", count(DONE_BUT_LEASED))


def of_partners() -> set[str]:
    """Return the names of the letters to partners: their news can be unsubscribed from, too."""
    return {key for (key,) in rows(OF_PARTNERS)}


def _deliveries(
    arrived: Arrived,
    followups: dict[str, tuple[object, ...]],
    most_repeats: int,
    most_unsaid: int,
) -> Iterator[Check]:
    known = {key: number for key, number in arrived.deliveries.items() if key in followups}
    repeats = sum(number - 1 for number in known.values())
    yield at_most("letters that arrived again", most_repeats, repeats)
    # Each delivery was begun first, and said so in its row.
    unsaid = sum(number > int(str(followups[key][1])) for key, number in known.items())
    yield at_most("letters that arrived more often than begun", most_unsaid, unsaid)
    wrong = sum(arrived.readers[key] != followups[key][2] for key in known)
    yield none("letters to the wrong address", wrong)
