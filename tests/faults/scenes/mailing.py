"""What may happen while mails are sent."""

import random
import time
from collections.abc import Iterator

from candidates.audit.check import Check, count, none
from recruit.local import processes
from tests.faults import auditing, witness
from tests.faults.proxy import Mode
from tests.faults.site import POOLS
from tests.faults.world import World

LEASE_SECONDS = 61
# Threads of a process that send at the same time: each may have one mail in the air.
SENDERS = 2
# A relay that takes 10 ms for each of its answers needs these for a letter.
RELAY_SECONDS = 0.04
OUTAGES = (Mode.REFUSE, Mode.FREEZE, Mode.TRICKLE)
ATTEMPT_SECONDS, REST_SECONDS, MOST_FAILURES = 30, 15, 5
UNCOUNTED = "SELECT count(*) FROM partners_credit WHERE counted_at IS NULL"
POISON = """
UPDATE candidates_candidate SET email = E'no\\nheader@example.org'
WHERE id = (SELECT min(id::text)::uuid FROM candidates_candidate)
"""


def owe(world: World, people: int, *, run: int = 1) -> None:
    """So many people sign up, and each is owed a mail now."""
    world.call("tests.faults.seeding", "people", str(people), str(run))


def kills(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """kill -9 of the whole group, again and again, after any number of letters."""
    people, times = {"twin": (150, 2), "quick": (600, 8), "full": (5000, 50)}[size]
    owe(world, people)
    world.letters.order(pace=RELAY_SECONDS)
    for _ in range(times):
        world.site.start_workers()
        _let_some_leave(world, chance.randint(1, people // times))
        time.sleep(chance.uniform(0, 0.1))  # or it would always come right after a letter
        die(world, size)
    world.letters.order()  # what is left after the last one need not take minutes
    world.site.start_workers()
    took = auditing.settle(seconds=LEASE_SECONDS + 60)
    yield from auditing.always(world, most_repeats=25 if size == "full" else SENDERS * times)
    world.tell(f"{times} kills, {people:,} mails: {_arrivals(world)}; paid after {took:.0f} s")


def kills_at_the_answer(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """The mail server itself kills the group, just before its 250 and just after, by turns."""
    people, times = {"quick": (60, 4), "full": (100, 40)}[size]
    owe(world, people)
    for number in range(times):
        letter = world.letters.number() + chance.randint(1, people // times)
        moment = ("before", "after")[number % 2]
        notes = [str(world.site.worker.note)]
        world.letters.order(pace=0.01, kill={"when": moment, "letters": [letter], "notes": notes})
        world.site.pool = chance.choice(POOLS)
        world.site.start_workers()
        world.letters.wait_for(number + 1, event="kill")
        world.site.kill_workers()
        witness.wind(seconds=LEASE_SECONDS)
    world.letters.order()
    world.site.start_workers()
    auditing.settle(seconds=LEASE_SECONDS + 60)
    yield Check("kills at the answer", times, world.letters.number("kill"))
    yield from auditing.always(world, most_repeats=times)
    world.tell(f"{times} kills at the 250, {people:,} mails: {_arrivals(world)}")


def outages(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """Down, a black hole, one byte a second, each amid a letter; then 421 for everybody."""
    people, times = {"quick": (20, (5, 20, 20)), "full": (300, (300, 120, 120))}[size]
    world.site.start_workers()
    for run, (mode, seconds) in enumerate(zip(OUTAGES, times, strict=True), start=1):
        yield from _outage(world, people, mode, seconds, run)
    world.letters.order(answer="421 4.3.2 closing")
    owe(world, people, run=2 * len(OUTAGES) + 1)
    world.letters.wait_for(3, event="refused", seconds=2 * REST_SECONDS)
    world.letters.order()
    _pay(seconds=LEASE_SECONDS + 2 * REST_SECONDS)
    longest = witness.longest_attempt()
    name = "seconds of the longest attempt"
    yield Check(
        name, f"0 to {ATTEMPT_SECONDS}", round(longest, 1), within=longest <= ATTEMPT_SECONDS
    )
    yield from auditing.always(world, most_repeats=SENDERS * len(OUTAGES))
    world.tell(f"longest attempt {longest:.1f} s", _arrivals(world))


def _outage(world: World, people: int, mode: Mode, seconds: int, run: int) -> Iterator[Check]:
    world.letters.order(pace=1)
    owe(world, people, run=run)
    world.letters.wait_for(world.letters.number() + 1)
    world.mail_door.mode, welcomed = mode, world.mail_door.welcomed
    if mode is Mode.REFUSE:
        world.mail_door.cut()
    owe(world, 5, run=len(OUTAGES) + run)
    is_counted = processes.wait_until(lambda: not count(UNCOUNTED), seconds=10)
    yield Check(f"tallies go on while the mail server {mode}", True, is_counted)
    time.sleep(seconds)
    tries = world.mail_door.welcomed - welcomed
    most = MOST_FAILURES * (1 + seconds // REST_SECONDS)
    yield Check(f"tries while it {mode}", f"0 to {most}", tries, within=tries <= most)
    world.tell(f"{tries} tries in {seconds} s of a server that {mode}")
    world.mail_door.mode = Mode.PASS
    world.letters.order()


def poison(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """One row whose letter can't be written, among many."""
    people = {"quick": 100, "full": 1000}[size]
    owe(world, people)
    witness.execute(POISON)
    world.site.start_workers()
    processes.wait_until(lambda: world.letters.number() >= people - 1, seconds=60)
    _pay(seconds=60)
    yield Check("mails sent", people - 1, witness.states().get("sent"))
    yield Check("mails given up, and shown to staff", 1, witness.states().get("failed"))
    yield from _but(auditing.always(world, known=["failed for good"]), "letters that failed")
    world.tell(f"1 poison row among {people:,}: {witness.states()}")


def beats(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """No beat for a while, then three at once, for three workers."""
    people, seconds, patience = {
        "twin": (60, 1, 20),
        "quick": (100, 5, 120),
        "full": (1000, 600, 120),
    }[size]
    world.site.start_workers(number=3, has_beat=False)
    owe(world, people)
    time.sleep(seconds)
    yield none("mails that left without a beat", world.letters.number())
    for number in (1, 2, 3):
        world.site.start_beat(number)
    took = auditing.settle(seconds=patience)
    name = "seconds until all overdue work was done"
    yield Check(name, f"0 to {patience}", round(took), within=took < patience)
    yield from auditing.always(world)
    world.tell(f"no beat for {seconds} s, then three: {people:,} overdue mails in {took:.0f} s")


def _let_some_leave(world: World, number: int) -> None:
    wanted = world.letters.number() + number
    processes.wait_until(
        lambda: world.letters.number() >= wanted or not witness.owed(),
        seconds=LEASE_SECONDS + 30,
        pause=0.02,
    )


def die(world: World, size: str) -> None:
    """All of it; and where nobody wants to wait for the leases, a minute goes by."""
    world.site.kill_workers()
    if size != "full":
        witness.wind(seconds=LEASE_SECONDS)


def _pay(*, seconds: float) -> None:
    """Until nothing is owed, today's retries included."""

    def is_paid() -> bool:
        witness.hasten()
        return not witness.owed()

    processes.wait_until(is_paid, seconds=seconds, pause=0.5)


def _arrivals(world: World) -> str:
    arrived = world.letters.arrived().deliveries
    return f"{len(arrived):,} arrived, {arrived.total() - len(arrived)} again"


def _but(checks: Iterator[Check], name: str) -> Iterator[Check]:
    """All but the one that is meant to be off."""
    return (it for it in checks if it.name != name)
