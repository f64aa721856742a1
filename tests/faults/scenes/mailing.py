"""What may happen while mails are sent."""

import random
from collections.abc import Iterator

from candidates.audit.check import Check
from tests.faults import auditing, witness
from tests.faults.world import World

LEASE_SECONDS = 61
# Threads of a process that send at the same time: each may have one mail in the air.
SENDERS = 2


def owe(world: World, people: int) -> None:
    world.call("tests.faults.seeding", "people", str(people))


def kills(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """kill -9 of the whole group, again and again, after any number of letters."""
    people, times = {"twin": (150, 3), "quick": (600, 8), "full": (5000, 50)}[size]
    owe(world, people)
    world.letters.order(pace=0.01)
    for _ in range(times):
        world.site.start_workers()
        world.letters.wait_for(world.letters.number() + chance.randint(1, people // times))
        world.site.kill_workers()
        if size != "full":
            witness.wind(seconds=LEASE_SECONDS)
    world.site.start_workers()
    auditing.settle(world, seconds=LEASE_SECONDS + 60)
    bound = 25 if size == "full" else SENDERS * times
    yield from auditing.always(world, most_repeats=bound)
    arrived = world.letters.arrived().deliveries
    again = sum(arrived.values()) - len(arrived)
    world.tell(f"{times} kills, {people:,} mails: {len(arrived):,} arrived, {again} again")
