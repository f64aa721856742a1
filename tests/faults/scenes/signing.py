"""What may happen while people sign up."""

import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from candidates.audit import people, public
from candidates.audit.check import Check, count, none
from candidates.replay.browser import Browser, Line
from candidates.replay.history import History
from recruit.local import processes
from tests.faults import auditing
from tests.faults.driver import Crowd
from tests.faults.scenes.mailing import LEASE_SECONDS, die
from tests.faults.world import World

# What is said while Redis or PostgreSQL is away, or a line to it is cut: by Celery, of its broker,
# and by a sweep. A beat that can't be given to Redis is missed; the next finds a line of its own.
OF_REDIS = (
    "Cannot connect to",
    "Connection error",
    "ConnectionError",
    "ConnectionResetError",
    "BrokenPipeError",
    "TimeoutError",
    "Couldn't apply scheduled task",
    "consumer: ",
    "beat: ",
)
OF_POSTGRESQL = ("OperationalError", "InterfaceError", "AdminShutdown")
AT_ONCE = "milliseconds within which 99 % of sign-ups were answered"
HEALTHY_SECONDS, EXACT_SECONDS = 10, 60
FLUSH_EVERY_SECONDS = 2


def flushes(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """FLUSHALL on Redis every two seconds."""
    number, rate = {"quick": (150, 15), "full": (1000, 20)}[size]
    _open(world)
    crowd = Crowd(world, number, rate)
    flushed = 0
    with crowd.coming():
        while crowd.is_coming():
            time.sleep(FLUSH_EVERY_SECONDS)
            world.flush_valkey()
            flushed += 1
    took = auditing.settle(seconds=EXACT_SECONDS)
    name = "seconds until all is exact after the last flush"
    yield Check(name, f"0 to {EXACT_SECONDS}", round(took), within=took < EXACT_SECONDS)
    yield from _promises(world, crowd.history, number)
    yield from auditing.always(world, known=OF_REDIS)
    world.tell(f"{number:,} sign-ups, {flushed} flushes; exact {took:.1f} s after the last")


def redis_away(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """Redis killed for a while, then frozen as long.

    The bound of the quick size is for machines that are busy: whoever waits for Redis waits longer.
    """
    seconds, rate, bound = {"twin": (5, 5, 3000), "quick": (5, 10, 3000), "full": (60, 10, 1000)}[
        size
    ]
    _open(world)
    crowd = Crowd(world, rate * 2 * (seconds + 2), rate)
    with crowd.coming():
        time.sleep(1)
        world.valkey.daemon.kill_group()
        time.sleep(seconds)
        world.servers.start(quietly=True)
        time.sleep(1)
        world.signal_valkey(signal.SIGSTOP)
        time.sleep(seconds)
        world.signal_valkey(signal.SIGCONT)
    auditing.settle(seconds=EXACT_SECONDS)
    pressed_again = crowd.history.outcomes["said 503"] + crowd.history.outcomes["connection broke"]
    yield none("sign-ups that were not taken at once", pressed_again)
    slow = crowd.history.percentile(0.99)
    yield Check(AT_ONCE, f"0 to {bound}", round(slow), within=slow <= bound)
    yield from _promises(world, crowd.history, crowd.number)
    yield from auditing.always(world, known=OF_REDIS)
    world.tell(f"{crowd.number} sign-ups while Redis was killed and frozen: 99 % in {slow:.0f} ms")


def postgres_killed(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """kill -9 of PostgreSQL, again and again, under 20 sign-ups a second."""
    times = {"twin": 2, "quick": 3, "full": 20}[size]
    _open(world)
    crowd, healthy = Crowd(world, times * 80, 20), []
    with crowd.coming():
        for _ in range(times):
            crowd.wait_for(chance.randint(10, 50))
            world.kill_postgres()
            time.sleep(chance.uniform(0.2, 1.5))
            world.servers.start(quietly=True)
            healthy.append(_seconds_until_healthy(world))
    world.reconnect()
    _settle_without_leases(world, size)
    name = "seconds until healthy after it was back"
    yield Check(
        name, f"0 to {HEALTHY_SECONDS}", max(healthy), within=max(healthy) <= HEALTHY_SECONDS
    )
    yield from _promises(world, crowd.history, None)
    # To begin a mail waits for no disk (followups.claiming.BEGIN): each kill may have one forgotten
    # that had left, and it leaves again.
    bounds = {"most_repeats": times * 2, "most_unsaid": times * 2}
    yield from auditing.always(world, **bounds, known=(*OF_POSTGRESQL, *OF_REDIS))
    said = dict(crowd.history.outcomes)
    world.tell(f"{times} kills under {crowd.number} sign-ups: {said}, healthy in {max(healthy)} s")


def lines_cut(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """Every line to PostgreSQL and to Redis is cut in the middle of what is said, at any moment."""
    number = {"quick": 120, "full": 1000}[size]
    world.through_doors()
    _open(world)
    crowd, cuts = Crowd(world, number, 20), 0
    with crowd.coming():
        while crowd.is_coming():
            time.sleep(chance.uniform(0.2, 1))
            chance.choice((world.postgres_door, world.redis_door)).cut()
            cuts += 1
    is_there = world.postgres_door.welcomed > 0 < world.redis_door.welcomed
    yield Check("lines that went through our hands", True, is_there)
    _settle_without_leases(world, size)
    yield from _promises(world, crowd.history, None)
    yield from auditing.always(world, most_repeats=cuts, known=(*OF_POSTGRESQL, *OF_REDIS))
    world.tell(f"lines cut {cuts} times under {number} sign-ups: {dict(crowd.history.outcomes)}")


def the_same(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """Twenty identical POSTs at the same moment, then fifty refreshes."""
    world.site.open_web()
    world.site.start_workers()
    answers = Crowd(world, 1, 0).somebody()

    def ask(method: str, *words: object) -> tuple[int, str, bytes]:
        line = Line(base_url=world.base_url)
        answer = getattr(Browser(line, "a browser"), method)(*words)
        line.close()
        return answer.status, answer.location, answer.body

    with ThreadPoolExecutor(20) as fingers:
        posted = set(fingers.map(lambda _: ask("post", "/", answers), range(20)))
        seen = set(fingers.map(lambda _: ask("get", "/thanks/"), range(50)))
    auditing.settle(seconds=30)
    yield Check("answers to twenty POSTs", {(302, "/thanks/", b"")}, posted)
    yield Check("pages that fifty refreshes show", 1, len(seen))
    yield Check("people", 1, count("SELECT count(*) FROM candidates_candidate"))
    yield from auditing.always(world)
    world.tell("20 identical POSTs and 50 refreshes: 1 person")


def _open(world: World) -> None:
    world.site.open_web()
    world.site.start_workers()


def _settle_without_leases(world: World, size: str) -> None:
    """Mails whose sender lost its line are leased for a minute: the full size waits for it."""
    die(world, size)
    world.site.start_workers()
    auditing.settle(seconds=LEASE_SECONDS + EXACT_SECONDS)


def _promises(world: World, history: History, number: int | None) -> Iterator[Check]:
    """What the client saw, against what is there."""
    drive = count("SELECT id FROM partners_drive WHERE slug = 'faults'")
    baseline = count("SELECT baseline FROM partners_drive WHERE slug = 'faults'")
    if number is not None:
        yield Check("people whose sign-up was accepted", number, len(history.accepted))
    world.tell(*history.surprises[:3])
    yield none("answers that nobody should get", len(history.surprises))
    yield from people.of_the_day(history=history, drive_id=drive)
    there = count("SELECT count(*) FROM candidates_candidate")
    yield from public.of_the_drive(
        drive_id=drive, baseline=baseline, base_url=world.base_url, people=there
    )


def _seconds_until_healthy(world: World) -> float:
    began = time.monotonic()
    processes.wait_until(world.site.answers, seconds=60)
    return round(time.monotonic() - began, 1)
