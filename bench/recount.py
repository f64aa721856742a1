"""How long a recount of a large ledger takes beside live sign-ups, and what they notice of it."""

import argparse
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import fold
import ground
import load
import run
import server
import world

HERE = Path(__file__).resolve().parent
GOAL_SECONDS, GOAL_LAG = 60.0, 5.0
DAMAGE = """
UPDATE partners_tally SET value = value + 1
WHERE id IN (SELECT min(id) + n * 97 FROM partners_tally, generate_series(1, 50) AS n GROUP BY n);
DELETE FROM partners_total WHERE id = (SELECT min(id) FROM partners_total);
UPDATE partners_statetally SET value = 0 WHERE id = (SELECT max(id) FROM partners_statetally);
"""


@dataclass
class Told:
    """Sign-ups a second alone and beside a recount, and what the recount was."""

    alone: float
    beside: float
    seconds: float
    drifted: int
    is_exact: bool


def grow(lines: int) -> None:
    """Write so large a ledger, and its sums, in the database that Django is set up on."""
    import psycopg  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from candidates.admin.filters import STATES  # noqa: PLC0415
    from partners.models import ReferralLink  # noqa: PLC0415

    first = ReferralLink.objects.order_by("id").values_list("id", flat=True)[0]
    given = {"lines": lines, "first_link": first, "links": fold.PARTNERS * fold.LINKS}
    given |= {"states": STATES, "state_count": len(STATES)}
    words = connection.get_connection_params()
    url = {
        name: words[name]
        for name in ("host", "port", "user", "password", "dbname")
        if name in words
    }
    with psycopg.connect(**url, autocommit=True, cursor_factory=psycopg.ClientCursor) as own:
        known = own.execute(world.INDEXES).fetchall()
        for name, _definition in known:
            own.execute(f"DROP INDEX {name}")
        own.execute((HERE / "ledger.sql").read_text(), given)
        for _name, definition in known:
            own.execute(definition)
        own.execute("VACUUM (ANALYZE)")


class Folder(threading.Thread):
    """Folds once a second, as a worker does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.is_over = threading.Event()

    def run(self) -> None:
        from django.db import connection  # noqa: PLC0415

        while not self.is_over.wait(1.0):
            fold.count_all()
        fold.count_all()
        connection.close()


def recount(told: dict[str, float]) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from partners import milestones  # noqa: PLC0415

    began = time.monotonic()
    told["drifted"] = milestones.recount(now=timezone.now())
    told["seconds"] = time.monotonic() - began
    connection.close()


def sign_up(port: int, cookie: str, until: threading.Event, least: int) -> float:
    """Return the median sign-ups a second of one round after the other, until it is over."""
    post = run.post("/", cookie)()
    rounds = []
    while len(rounds) < least or not until.is_set():
        rounds.append(load.run(port=port, requests=post, seconds=1.0).per_second)
    return statistics.median(rounds)


def measure(env: dict[str, str], cookie: str) -> Told:
    from django.db import connection  # noqa: PLC0415

    from candidates.audit import sums  # noqa: PLC0415

    with server.started(env) as site:
        folder, over = Folder(), threading.Event()
        folder.start()
        over.set()
        alone = sign_up(site.port, cookie, over, least=5)
        with connection.cursor() as cursor:
            cursor.execute(DAMAGE)
        over.clear()
        told: dict[str, float] = {}
        thread = threading.Thread(target=lambda: (recount(told), over.set()))
        thread.start()
        beside = sign_up(site.port, cookie, over, least=1)
        thread.join()
        folder.is_over.set()
        folder.join()
    is_exact = all(it.is_ok for it in sums.always())
    return Told(alone, beside, told["seconds"], int(told["drifted"]), is_exact)


def longest_lag() -> float:
    """Return how long a line of a sign-up waited to be counted, at most."""
    from django.db.models import F, Max  # noqa: PLC0415

    from partners.models import Credit  # noqa: PLC0415

    live = Credit.objects.filter(counted_at__gt=F("recorded_at"))
    longest = live.aggregate(most=Max(F("counted_at") - F("recorded_at")))["most"]
    return longest.total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    with ground.prepared() as env:
        cookie = fold.furnish()
        grow(wanted.lines)
        print("grown", file=sys.stderr)
        told = measure(env, cookie)
        lag = longest_lag()
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    print(f"sign-ups/s alone {told.alone:,.0f}, beside the recount {told.beside:,.0f}")
    print(f"recount of {wanted.lines:,} lines: {told.seconds:.1f} s, goal {GOAL_SECONDS:.0f}")
    print(f"it found {told.drifted} of the 52 numbers that were damaged")
    print(f"every sum equals a count of the ledger: {'yes' if told.is_exact else 'NO'}")
    print(f"longest wait to be counted: {lag:.1f} s, goal {GOAL_LAG:.0f}")
    is_met = told.is_exact and told.drifted == 52 and told.seconds <= GOAL_SECONDS
    sys.exit(wanted.strict and not (is_met and lag <= GOAL_LAG))


if __name__ == "__main__":
    main()
