"""How fast mail leaves and is planned, and what a claim costs before a long queue."""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ground
import psycopg
import server
import sink
import world

PEOPLE, MAILS = 200_000, 1_000
SIZES = (1_000, 100_000, 1_000_000)
GOAL_SENDING, MOST_CLAIM = 0.8, 1.5
CLAIMS = 40
PLANNED, MOST_SECONDS, RELEASES = 15_000, 5.0, 3

# Of the steps of the welcome that may take their time, in whichever lane is looked at.
OWE = """
INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, state, why,
    attempts, last_error)
SELECT gen_random_uuid(), person.id, step.id, %(lane)s, %(now)s - interval '7 days',
    %(now)s - random() * interval '1 hour', 'due', '', 0, ''
FROM (SELECT id FROM candidates_candidate ORDER BY id) AS person
CROSS JOIN (SELECT step.id FROM candidates_step AS step
    JOIN candidates_sequence AS sequence ON sequence.id = sequence_id
    WHERE slug = 'welcome' AND number BETWEEN 2 AND 6) AS step
LIMIT %(rows)s
"""


class Clock:
    """Noon in New York today, and running."""

    def __init__(self) -> None:
        self.noon = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0)
        self.began = time.monotonic()

    def __call__(self) -> datetime:
        return self.noon + timedelta(seconds=time.monotonic() - self.began)


clock = Clock()


@dataclass
class Way:
    """One way to send so many mails, and what all of its rounds told."""

    name: str
    send: Callable[[], None]
    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def go(self, taken: sink.Sink, *, keep: bool) -> None:
        owe(lane="BULK", rows=MAILS)
        letters = taken.letters()
        cpu, wall = time.process_time(), time.perf_counter()
        self.send()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        came = taken.letters() - letters
        assert came == MAILS, (self.name, came)
        if keep:
            self.per_second.append(MAILS / wall)
            self.cpu.append(1000 * cpu / MAILS)


def owe(*, lane: str, rows: int) -> None:
    """Owe so many mails and nothing else. Set-based, without the checks of foreign keys."""
    from candidates.models import Lane  # noqa: PLC0415 - Django is set up only now

    url = os.environ["DATABASE_URL"]
    given = {"lane": Lane[lane].value, "rows": rows, "now": clock()}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE candidates_followup CASCADE")
        connection.execute(OWE, given)
        connection.execute("VACUUM (ANALYZE) candidates_followup")


def furnish(people: int) -> None:
    """Migrate, and make a grown drive in which everybody may be written to."""
    import django  # noqa: PLC0415 - after the environment was set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    world.fill(people)
    with psycopg.connect(
        os.environ["DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as connection:
        connection.execute((Path(__file__).parent / "mail.sql").read_text(), {})
        connection.execute("VACUUM (ANALYZE) candidates_candidate, candidates_touch")


def written() -> list[Any]:
    """Write the letters that are due, as a worker would, to be sent again in other ways."""
    from candidates import letters  # noqa: PLC0415
    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    found: list[Any] = []
    while claimed := claiming.claim(lane=Lane.BULK, now=clock()):
        errands = claiming.wanted(claimed=claimed, now=clock())
        found += [letters.write(followup=it.followup, partner=it.partner) for it in errands]
    return found


def sweep() -> None:
    from candidates import followups  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    followups.sweep(lane=Lane.BULK, clock=clock)


def sweep_in_threads() -> None:
    """All the threads that a worker has for this lane, each with its connection."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    def one(_number: int) -> None:
        sweep()
        connections.close_all()

    with ThreadPoolExecutor(settings.MAIL_CONNECTIONS) as threads:
        list(threads.map(one, range(settings.MAIL_CONNECTIONS)))


def bare(letters: Sequence[Any]) -> Callable[[], None]:
    """The least that Django can do: build each mail from what is known, and send it."""
    from django.core.mail import EmailMultiAlternatives  # noqa: PLC0415
    from django.core.mail.backends import smtp  # noqa: PLC0415

    told = [
        (it.subject, it.body, it.from_email, it.to, it.extra_headers, it.alternatives[0].content)
        for it in letters
    ]

    def send() -> None:
        line = smtp.EmailBackend()
        line.open()
        for subject, text, sender, to, headers, html in told:
            letter = EmailMultiAlternatives(subject, text, sender, to, headers=headers)
            letter.attach_alternative(html, "text/html")
            line.send_messages([letter])
        line.close()

    return send


def ready_made(letters: Sequence[Any]) -> Callable[[], None]:
    """What smtplib and the sink can do at most: nothing is built."""
    from django.core.mail.backends import smtp  # noqa: PLC0415

    told = [(it.to, it.message().as_bytes(linesep="\r\n")) for it in letters]
    print(f"{statistics.mean(len(it) for _to, it in told):,.0f} bytes a mail")

    def send() -> None:
        line = smtp.EmailBackend()
        line.open()
        for to, letter in told:
            line.connection.sendmail("hello@example.org", to, letter)
        line.close()

    return send


def sending(rounds: int) -> bool:
    """Send the same mails in all ways by turns; say whether the goal is met."""
    with sink.started() as taken:
        use(taken)
        owe(lane="BULK", rows=MAILS)
        letters = written()
        assert len(letters) == MAILS, len(letters)
        ours, threads = Way("one sweep", sweep), Way("a worker's sweeps", sweep_in_threads)
        floor = Way("bare loop", bare(letters))
        ways = [ours, floor, threads, Way("smtplib, ready mails", ready_made(letters))]
        for number in range(rounds + 1):
            for way in ways if number % 2 else reversed(ways):
                way.go(taken, keep=number > 0)
    print(f"{'':28}{'mails/s':>9}{'CPU ms':>9}{'ratio':>8}")
    for way in ways:
        cpu = statistics.median(way.cpu)
        per_second = statistics.median(way.per_second)
        print(f"{way.name:28}{per_second:9,.0f}{cpu:9.3f}{against(way, floor):8.2f}")
    is_met = against(ours, floor) >= GOAL_SENDING
    print(f"  goal {GOAL_SENDING}: {'met' if is_met else 'MISSED'}")
    return is_met


def against(way: Way, floor: Way) -> float:
    return statistics.median(a / b for a, b in zip(way.per_second, floor.per_second, strict=True))


def use(taken: sink.Sink) -> None:
    """Send through this sink from now on, as in production."""
    from django.conf import settings  # noqa: PLC0415

    settings.EMAIL_BACKEND = "recruit.mail.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", taken.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


@dataclass(frozen=True)
class Queue:
    """Milliseconds of a claim, and of it with the last look, before so many due rows.

    CPU is ours and that of PostgreSQL's process: on a busy machine it is what tells them apart.
    """

    lane: str
    rows: int
    claim: float
    claim_cpu: float
    both_cpu: float


def claiming(sizes: Sequence[int]) -> bool:
    """Claim before queues of several lengths in both lanes; say whether it costs the same."""
    from candidates.models import Lane  # noqa: PLC0415

    queues = [measured(lane.name, size) for lane in Lane for size in sizes]
    print(f"{'':28}{'claim ms':>9}{'CPU ms':>9}{'and look':>9}{'ratio':>8}")
    are_met = True
    for lane, group in itertools.groupby(queues, lambda it: it.lane):
        first, *others = group
        for queue in (first, *others):
            name = f"{lane.lower()}, {queue.rows:,} due"
            ratio = queue.claim_cpu / first.claim_cpu
            print(
                f"{name:28}{queue.claim:9.2f}{queue.claim_cpu:9.2f}{queue.both_cpu:9.2f}{ratio:8.2f}"
            )
        are_met &= ratio <= MOST_CLAIM
        print(f"  goal at most {MOST_CLAIM}: {'met' if ratio <= MOST_CLAIM else 'MISSED'}")
    return are_met


def measured(lane: str, rows: int) -> Queue:
    from django.db import connection  # noqa: PLC0415

    from candidates import followups  # noqa: PLC0415
    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import FollowUp, Lane  # noqa: PLC0415

    owe(lane=lane, rows=rows)
    if rows == max(SIZES):
        print(explained(lane))
    connection.ensure_connection()
    walls, claims, both = [], [], []
    for _number in range(CLAIMS):
        wall, cpu = time.perf_counter(), cpu_seconds()
        claimed = claiming.claim(lane=Lane[lane], now=clock())
        walls.append(time.perf_counter() - wall)
        claims.append(cpu_seconds() - cpu)
        wanted = claiming.wanted(claimed=claimed, now=clock())
        both.append(cpu_seconds() - cpu)
        assert len(wanted) == followups.CLAIM, len(wanted)
        # To the end of the queue: it stays as long, and dead entries stay at its front for a while.
        ids = [it.id for it in claimed]
        FollowUp.objects.filter(id__in=ids).update(leased_until=None, due_at=clock())
    connection.close()
    return Queue(lane, rows, *(1000 * statistics.median(it) for it in (walls, claims, both)))


def cpu_seconds() -> float:
    """What this process and PostgreSQL's for it have worked so far."""
    from django.db import connection  # noqa: PLC0415

    return time.process_time() + server.backend_cpu(connection)


def planning() -> bool:
    """Release a broadcast to so many, a few times; say whether it takes seconds."""
    from django.db import connection, reset_queries  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from candidates import broadcasts, sequences  # noqa: PLC0415
    from partners.models import User  # noqa: PLC0415

    drafter, releaser = (
        User.objects.create_superuser(f"{name}@example.org", full_name=name)
        for name in ("drafter", "releaser")
    )
    told = []
    for number in range(RELEASES):
        audience = broadcasts.Audience(stages=["intro_call"])
        made = broadcasts.draft(
            name=f"Broadcast {number}", audience=audience, author=drafter, now=clock()
        )
        said = {"language": "en", "subject": "Hello", "body": "# Hello\n\nThe day is near."}
        broadcasts.say(broadcast=made, author=drafter, now=clock(), **said)
        broadcasts.count(broadcast=made, now=clock())
        texts = sequences.current_texts(steps=[made.step]).values()
        seen = [it.id for it in texts]
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as made_queries:
            planned = broadcasts.release(broadcast=made, seen=seen, author=releaser, now=clock())
        told.append((time.perf_counter() - began, len(made_queries)))
        reset_queries()
        assert planned == PLANNED, planned
    seconds, statements = (statistics.median(it) for it in zip(*told, strict=True))
    is_met = seconds <= MOST_SECONDS
    print(
        f"{PLANNED:,} follow-ups of one broadcast: {seconds:.2f} s, {statements:.0f} statements;"
        f" goal {MOST_SECONDS:.0f} s: {'met' if is_met else 'MISSED'}"
    )
    return is_met


def explained(lane: str) -> str:
    """Return how PostgreSQL finds what is due, of the statement that the claim really makes."""
    from django.db import connection, transaction  # noqa: PLC0415

    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    made: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        made.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(keep):
            claiming.claim(lane=Lane[lane], now=clock())
        transaction.set_rollback(True)
    sql, params = next(it for it in made if "SKIP LOCKED" in it[0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params)
        transaction.set_rollback(True)
        return "\n".join(line for (line,) in cursor.fetchall())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, choices=range(1, 13))
    parser.add_argument("--only", choices=("sending", "claiming", "planning"))
    parser.add_argument("--small", action="store_true", help="a tenth of the people and rows")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    began = time.monotonic()
    are_met = True
    with ground.prepared():
        furnish(PEOPLE // (10 if wanted.small else 1))
        print("furnished", file=sys.stderr)
        if wanted.only in (None, "sending"):
            are_met &= sending(wanted.rounds)
        if wanted.only in (None, "claiming"):
            are_met &= claiming(SIZES[: 2 if wanted.small else 3])
        if wanted.only in (None, "planning"):
            are_met &= planning()
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    print(f"{time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    main()
