"""What the public numbers cost to read, and the fold's look at milestones, with many partners."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from zoneinfo import ZoneInfo

import fold
import ground
import recount
import run
import server

GOAL_MS = 50.0
ROUNDS = 7


def furnish() -> None:
    """Partners with links and a goal each, and a drive whose day is today."""
    run.furnish()
    from django.utils import timezone  # noqa: PLC0415 - Django is set up only now

    from partners.models import Drive, Milestone, Partner, ReferralLink  # noqa: PLC0415

    drive = Drive.objects.get()
    drive.day_on = timezone.now().astimezone(ZoneInfo(drive.time_zone)).date()
    drive.save()
    names = [f"example-{number}" for number in range(fold.PARTNERS)]
    partners = Partner.objects.bulk_create(Partner(name=name, slug=name) for name in names)
    ReferralLink.objects.bulk_create(
        ReferralLink(partner=it, code=f"{it.slug}-{place}", label="Link")
        for it in partners
        for place in range(fold.LINKS)
    )
    goal = {"drive": drive, "scope": "cumulative", "target": 10**9}
    Milestone.objects.bulk_create(Milestone(partner=it, **goal) for it in [None, *partners])


def readings() -> Iterator[tuple[str, Callable[[], object]]]:
    from django.utils import timezone  # noqa: PLC0415

    from candidates.war_room import looking  # noqa: PLC0415
    from partners import archive, drives, milestones, totals  # noqa: PLC0415

    now = timezone.now()
    drive = drives.current(now=now)

    def anew(module: ModuleType, read: Callable[..., object]) -> object:
        module.forget()
        return read(now=now)

    yield "totals", lambda: totals.read(drive=drive, now=now)
    yield "  with who leads: every 5 s", lambda: anew(totals, totals.public)
    yield "archive: every 5 s", lambda: anew(archive, archive.records)
    yield "war room: every 2 s", lambda: looking.read(now=now)
    yield "milestones, none due", lambda: milestones.fold(now=now)


def measure(read: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds of one reading: on the wall, and of CPU, ours and PostgreSQL's."""
    from django.db import connection  # noqa: PLC0415

    read()
    wall, cpu = [], []
    for _ in range(ROUNDS):
        worked, began = server.backend_cpu(connection) + time.process_time(), time.perf_counter()
        read()
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (server.backend_cpu(connection) + time.process_time() - worked))
    return statistics.median(wall), statistics.median(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--strict", action="store_true", help="exit with 1 when the goal is missed")
    wanted = parser.parse_args()
    fold.PARTNERS, fold.LINKS = wanted.partners, 2
    with ground.prepared():
        furnish()
        recount.grow(wanted.lines)
        print("grown", file=sys.stderr)
        found = {name: measure(read) for name, read in readings()}
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    print(f"{'':28}{'ms':>9}{'CPU ms':>9}")
    for name, (wall, cpu) in found.items():
        print(f"{name:28}{wall:9.1f}{cpu:9.1f}")
    is_met = found["totals"][1] <= GOAL_MS
    print(f"goal of the totals: {GOAL_MS:.0f} ms of CPU: {'met' if is_met else 'MISSED'}")
    sys.exit(wanted.strict and not is_met)


if __name__ == "__main__":
    main()
