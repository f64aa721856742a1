"""What the ledger costs a sign-up: the same POST, from 16 clients, with its line and without."""

import argparse
import statistics
import sys
import time
from dataclasses import dataclass

import fold
import ground
import recount
import run
import server

GOAL = 0.9


@dataclass(frozen=True)
class Stack:
    """A web server, and PostgreSQL behind it: what both cost."""

    web: server.Server

    @property
    def port(self) -> int:
        return self.web.port

    def cpu_seconds(self) -> float:
        from django.db import connection  # noqa: PLC0415 - Django is set up only now

        connection.ensure_connection()
        return self.web.cpu_seconds() + server.postgres_cpu(connection)


class Folded(run.Kind):
    """With a folder beside it, once a second, as a worker does."""

    def go(self, seconds: float, *, keep: bool = True) -> None:
        folder = recount.Folder()
        folder.start()
        super().go(seconds, keep=keep)
        folder.is_over.set()
        folder.join()


def written() -> tuple[int, int]:
    """Return how many people there are, and how many lines of the ledger."""
    from candidates.models import Candidate  # noqa: PLC0415
    from partners.models import Credit  # noqa: PLC0415

    return Candidate.objects.count(), Credit.objects.count()


def measure(env: dict[str, str], cookie: str, rounds: int, seconds: float) -> run.Pair:
    post = run.post("/", cookie)
    with (
        server.started(env) as site,
        server.started(env, FLOOR_WITHOUT_LEDGER="1") as bare,
    ):
        ours = run.Kind("sign-up POST", Stack(site), post, b"302")
        floor = run.Kind("  no line in the ledger", Stack(bare), post, b"302")
        folded = Folded("  and folded meanwhile", Stack(site), post, b"302")
        pair = run.Pair(ours.name, GOAL, ours, floor, [folded])
        pair.go(rounds, seconds)
        before = written()
        floor.go(seconds / 2, keep=False)
        people, lines = (b - a for a, b in zip(before, written(), strict=True))
        assert people > 0 == lines, (people, lines)
    return pair


def report(pair: run.Pair) -> bool:
    print(f"{'':28}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'ratio':>8}{'CPU ms':>9}{'ratio':>8}")
    for kind in pair.all:
        ratios = zip(kind.rounds, pair.floor.rounds, strict=True)
        costs = zip(kind.cpu, pair.floor.cpu, strict=True)
        print(
            f"{kind.name:28}{kind.per_second:9,.0f}{kind.latency(0.5):9.2f}"
            f"{kind.latency(0.99):9.2f}"
            f"{statistics.median(a.per_second / b.per_second for a, b in ratios):8.2f}"
            f"{1000 * statistics.median(kind.cpu):9.3f}"
            f"{statistics.median(b / a for a, b in costs):8.2f}"
        )
    is_met = pair.ratio >= GOAL
    print(f"  goal {GOAL}: {'met' if is_met else 'MISSED'}")
    return is_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, choices=range(2, 25))
    parser.add_argument("--seconds", type=float, default=1.2, help="of one round (1.2)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when the goal is missed")
    wanted = parser.parse_args()
    seconds = min(wanted.seconds, 3.0)
    began = time.monotonic()
    with ground.prepared() as env:
        cookie = fold.furnish()
        pair = measure(env, cookie, wanted.rounds, seconds)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    is_met = report(pair)
    print(f"{wanted.rounds} rounds of {seconds} s each, {time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not is_met)


if __name__ == "__main__":
    main()
