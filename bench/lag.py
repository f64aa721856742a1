"""How far a partner's dashboard is behind the ledger while people sign up, on the whole stack.

Starts PostgreSQL, Valkey, web, workers and beat of its own, as ./run does, in a folder that is
removed afterwards. The lag of a line: from `recorded_at`, just before its commit, until the whole
dashboard that counts it has arrived here.
"""

import argparse
import contextlib
import http.client
import itertools
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import load  # noqa: E402
import run  # noqa: E402
import server  # noqa: E402

from recruit.local import management, servers, suite, variables, website  # noqa: E402

GOAL_SECONDS = 2.0
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30
LINES = 6
NUMBER = re.compile(rb'data-part="sign-ups">\s*<p class="[^"]*">([\d,]+)<')


@contextlib.contextmanager
def site() -> Iterator[int]:
    """Yield the port of a site that runs as ./run has it run; Django is set up on it, here too."""
    for name in ("DATABASE_URL", "REDIS_URL", "OUTBOX_DIR"):
        os.environ.pop(name, None)
    port = server.free_port()
    with suite.throw_away_folders(ROOT) as place:
        ours = servers.kept(place)
        variables.note_address(place, port)
        with servers.shared(place, ours):
            env = variables.of(place, ours, mode="demo")
            management.call(place, env, "migrate", "--verbosity", "0")
            os.environ |= env | {"DJANGO_SETTINGS_MODULE": "recruit.settings"}
            running = website.Website(place, ours, env, port)
            try:
                running.start()
                yield port
            finally:
                running.stop()


def furnish() -> tuple[str, str]:
    """Return the cookie of a visitor through a partner's link, and that of one of its members."""
    cookie = run.furnish()
    from django.conf import settings  # noqa: PLC0415 - Django was set up by now
    from django.test import Client  # noqa: PLC0415

    from partners.models import Member, Partner, User  # noqa: PLC0415

    user = User.objects.create_user("bench@example.org", "bench", full_name="Bench")
    Member.objects.create(user=user, partner=Partner.objects.get(), role=Member.Role.MANAGER)
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    return cookie, f"{session.key}={session.value}"


class Watcher(threading.Thread):
    """Opens the dashboard again and again; keeps when each number of sign-ups was first there."""

    def __init__(self, port: int, session: str) -> None:
        super().__init__(daemon=True)
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.session = session
        self.seen: list[tuple[float, int]] = []
        self.took: list[float] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(POLL_SECONDS):
            began = time.time()
            self.line.request("GET", "/partners/bench/", headers={"Cookie": self.session})
            answer = self.line.getresponse()
            found = NUMBER.search(answer.read())
            if answer.status != 200 or not found:
                sys.exit(f"the dashboard was answered {answer.status}")
            now, shown = time.time(), int(found[1].replace(b",", b""))
            self.took.append(now - began)
            if not self.seen or shown > self.seen[-1][1]:
                self.seen.append((now, shown))

    @property
    def shown(self) -> int:
        return self.seen[-1][1] if self.seen else 0


def sign_up(port: int, cookie: str, per_second: float, seconds: float) -> int:
    """Send people in step with the clock, over a few kept lines; return how many were taken."""
    due = itertools.count()
    requests, lock = run.post("/", cookie)(), threading.Lock()
    taken: list[bytes] = []
    began = time.monotonic()

    def work() -> None:
        line = load.Connection(port)
        while True:
            with lock:
                number, request = next(due), next(requests)
            if number >= per_second * seconds:
                return
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            line.send(request)
            while not line.is_answered():
                pass
            taken.append(line.received[9:12])

    threads = [threading.Thread(target=work) for _ in range(LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if set(taken) != {b"302"}:
        sys.exit(f"the sign-up was answered {set(taken)}")
    print(f"{len(taken):,} people in {time.monotonic() - began:.1f} s")
    return len(taken)


def lags(seen: list[tuple[float, int]]) -> tuple[list[float], list[float]]:
    """Return after how many seconds each line was on the dashboard, and its fold had begun."""
    from partners.models import Credit  # noqa: PLC0415

    written = list(Credit.objects.order_by("id").values_list("recorded_at", "counted_at"))
    shown_at: list[float] = []
    for at, number in seen:
        shown_at += [at] * (number - len(shown_at))
    if len(shown_at) != len(written):
        sys.exit(f"{len(written) - len(shown_at)} lines never came to the dashboard")
    shown = [at - of.timestamp() for at, (of, _) in zip(shown_at, written, strict=True)]
    return shown, [(counted - of).total_seconds() for of, counted in written]


def report(shown: list[float], folded: list[float], took: list[float]) -> bool:
    for name, found in (
        ("on the dashboard", shown),
        ("  its fold began", folded),
        ("  opening the dashboard", took),
    ):
        ordered = sorted(found)
        p50, p99 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99))
        print(f"{name:24} p50 {p50:5.2f} s   p99 {p99:5.2f} s   max {ordered[-1]:5.2f} s")
    is_met = max(shown) <= GOAL_SECONDS
    print(f"goal: at most {GOAL_SECONDS} s on the dashboard: {'met' if is_met else 'MISSED'}")
    return is_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=50, help="sign-ups a second (50)")
    parser.add_argument("--seconds", type=float, default=20, help="of signing up (20, at most 60)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when the goal is missed")
    wanted = parser.parse_args()
    with site() as port:
        cookie, session = furnish()
        watcher = Watcher(port, session)
        watcher.start()
        taken = sign_up(port, cookie, wanted.rate, min(wanted.seconds, 60.0))
        until = time.monotonic() + PATIENCE_SECONDS
        while watcher.shown < taken and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        watcher.is_over.set()
        watcher.join()
        shown, folded = lags(watcher.seen)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    sys.exit(not report(shown, folded, watcher.took) and wanted.strict)


if __name__ == "__main__":
    main()
