"""What a partner's pages cost in a drive of five million credits, against one of fifty thousand."""

import argparse
import functools
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import server
import world

SMALL, LARGE = 50_000, 5_000_000
MOST_RATIO, MOST_QUERIES = 1.2, 12
PARTNERS = {"a tenth of all": "example-1", "one of the least": "example-500"}
PAGES = {
    "dashboard": "/partners/{slug}/",
    "list of links": "/partners/{slug}/links/",
    "page of a link": "/partners/{slug}/links/{slug}-1/",
    "leads": "/partners/{slug}/leads/",
}


@dataclass(frozen=True)
class Round:
    """Of one opening of a page, on average: milliseconds, CPU of us and of PostgreSQL, queries."""

    wall: float
    cpu: float
    server_cpu: float
    queries: int

    @property
    def all_cpu(self) -> float:
        return self.cpu + self.server_cpu


def opened(path: str, times: int) -> Round:
    """Open a page so many times; runs in the process of a database."""
    from django.db import connection  # noqa: PLC0415 - Django is set up in that process alone
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as seen:
        get(path)
    queries = len(seen)  # now: the next request forgets them
    before = server.backend_cpu(connection), time.process_time(), time.perf_counter()
    for _ in range(times):
        get(path)
    after = server.backend_cpu(connection), time.process_time(), time.perf_counter()
    backend, cpu, wall = (1000 * (b - a) / times for a, b in zip(before, after, strict=True))
    return Round(wall, cpu, backend, queries)


def get(path: str) -> None:
    answer = client().get(path)
    assert answer.status_code == 200, (path, answer.status_code)


@functools.cache
def client() -> Any:
    """Log somebody in who is a member of every measured partner."""
    from django.test import Client  # noqa: PLC0415

    from partners.models import Member, Partner, User  # noqa: PLC0415

    user = User.objects.create_user("bench@example.org", "bench", full_name="Bench")
    for partner in Partner.objects.filter(slug__in=PARTNERS.values()):
        Member.objects.create(user=user, partner=partner, role=Member.Role.MANAGER)
    found = Client()
    found.force_login(user)
    return found


def size() -> str:
    """Say how much there is to read, in all and of each measured partner."""
    from partners.models import Credit, Tally  # noqa: PLC0415

    told = [f"{Credit.objects.count():,} credits, {Tally.objects.count():,} tallies"]
    for name, slug in PARTNERS.items():
        of = {"partner__slug": slug}
        told.append(
            f"{name}: {Credit.objects.filter(**of).count():,} in"
            f" {Tally.objects.filter(**of).count():,}"
        )
    return "; ".join(told)


@dataclass
class Page:
    """One page of one partner, and what its rounds told in both databases."""

    name: str
    path: str
    few: list[Round]
    many: list[Round]

    def go(self, few: ProcessPoolExecutor, many: ProcessPoolExecutor, wanted: Any) -> None:
        kinds = [(few, self.few), (many, self.many)]
        for number in range(wanted.rounds + 1):
            for process, rounds in kinds if number % 2 else reversed(kinds):
                found = process.submit(opened, self.path, wanted.times).result()
                if number:  # the first only warms
                    rounds.append(found)

    @property
    def ratio(self) -> float:
        return statistics.median(
            b.all_cpu / a.all_cpu for a, b in zip(self.few, self.many, strict=True)
        )

    @property
    def queries(self) -> int:
        return max(it.queries for it in [*self.few, *self.many])

    def told(self) -> str:
        columns = [
            statistics.median(getattr(it, what) for it in rounds)
            for what in ("wall", "cpu", "server_cpu")
            for rounds in (self.few, self.many)
        ]
        numbers = "".join(f"{it:9.2f}" for it in columns)
        return f"{self.name:20}{numbers}{self.ratio:8.2f}{self.queries:9}"


def report(pages: dict[str, list[Page]]) -> bool:
    are_met = True
    for partner, measured in pages.items():
        print(f"\n{partner:20}{'wall ms':>18}{'our CPU ms':>18}{'server CPU ms':>18}{'CPU':>8}")
        print(f"{'':20}{'few':>9}{'many':>9}" + f"{'few':>9}{'many':>9}" * 2 + "   ratio  queries")
        for page in measured:
            print(page.told())
        is_met = measured[0].ratio <= MOST_RATIO and measured[0].queries <= MOST_QUERIES
        are_met &= is_met
        print(
            f"  goal of the dashboard: ratio {MOST_RATIO}, {MOST_QUERIES} queries:"
            f" {'met' if is_met else 'MISSED'}"
        )
    return are_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, choices=range(2, 16))
    parser.add_argument("--times", type=int, default=10, help="a page is opened in a round (10)")
    parser.add_argument("--small", action="store_true", help="5,000 against 50,000: a quick check")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    few_credits, many_credits = (SMALL // 10, SMALL) if wanted.small else (SMALL, LARGE)
    began = time.monotonic()
    with world.grown(credits=few_credits) as few, world.grown(credits=many_credits) as many:
        for name, process in (("few", few), ("many", many)):
            print(f"{name}: {process.submit(size).result()}")
        print(f"seeded in {time.monotonic() - began:.0f} s", file=sys.stderr)
        pages = {
            partner: [Page(name, path.format(slug=slug), [], []) for name, path in PAGES.items()]
            for partner, slug in PARTNERS.items()
        }
        for page in (page for measured in pages.values() for page in measured):
            page.go(few, many, wanted)
    are_met = report(pages)
    print(f"{wanted.rounds} rounds of {wanted.times}, {time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    os.chdir(world.HERE.parent)
    main()
