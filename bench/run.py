"""Measures our public paths against the least that Django can do, in one run on one database."""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import ground
import load
import server

Requests = Callable[[], Iterator[bytes]]
BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
HEAD = f"Host: 127.0.0.1\r\nUser-Agent: {BROWSER}\r\nAccept: text/html\r\n"
COUNTER = itertools.count()


def get(path: str, cookie: str = "") -> Requests:
    line = f"Cookie: {cookie}\r\n" if cookie else ""
    return lambda: itertools.repeat(f"GET {path} HTTP/1.1\r\n{HEAD}{line}\r\n".encode())


def post(path: str, cookie: str = "") -> Requests:
    """Different people every time; every second one gives a phone number."""

    def requests() -> Iterator[bytes]:
        for number in COUNTER:
            phone = f"{200 + number // 10_000}-555-{number % 10_000:04}" if number % 2 else ""
            body = urlencode(PERSON | {"email": f"person-{number}@example.org", "phone": phone})
            yield (
                f"POST {path} HTTP/1.1\r\n{HEAD}{cookie and f'Cookie: {cookie}{EOL}'}"
                f"Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()

    return requests


EOL = "\r\n"
PERSON = {
    "first_name": "Ada",
    "last_name": "Example",
    "zip_code": "10001",
    "office": "council",
    "timeline": "this_cycle",
    "motivation": "Buses that come.",
    "contact_consent": "on",
    "website": "",
}
FILLED = urlencode({name: PERSON[name] for name in ("first_name", "zip_code", "office")})


@dataclass
class Kind:
    """One kind of request, on one server, and what all of its rounds told."""

    name: str
    server: server.Server
    requests: Requests
    status: bytes
    rounds: list[load.Round] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def go(self, seconds: float, *, keep: bool = True) -> None:
        before = self.server.cpu_seconds()
        found = load.run(port=self.server.port, requests=self.requests(), seconds=seconds)
        if set(found.statuses) != {self.status}:
            sys.exit(f"{self.name} was answered {found.statuses}")
        if keep:
            self.rounds.append(found)
            self.cpu.append((self.server.cpu_seconds() - before) / len(found.latencies))

    @property
    def per_second(self) -> float:
        return statistics.median(it.per_second for it in self.rounds)

    def latency(self, share: float) -> float:
        ordered = sorted(itertools.chain.from_iterable(it.latencies for it in self.rounds))
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Pair:
    """Ours against the floor in all middleware; and the floor in less of it, and in none."""

    name: str
    goal: float | None
    ours: Kind
    floor: Kind
    others: list[Kind]

    @property
    def all(self) -> list[Kind]:
        return [self.ours, self.floor, *self.others]

    def go(self, rounds: int, seconds: float) -> None:
        for kind in self.all:
            kind.go(seconds / 2, keep=False)
        for number in range(rounds):
            order = (self.ours, self.floor) if number % 2 else (self.floor, self.ours)
            for kind in (*order, *self.others):
                kind.go(seconds)

    @property
    def ratio(self) -> float:
        return statistics.median(
            a.per_second / b.per_second
            for a, b in zip(self.ours.rounds, self.floor.rounds, strict=True)
        )


def pairs(
    site: server.Server, floor_site: server.Server, nude: server.Server, cookie: str
) -> list[Pair]:
    kinds = (
        ("sign-up POST", 1.0, post("/", cookie), "/bare/sign-up", b"302"),
        ("blank form", 0.4, get("/"), "/bare/page", b"200"),
        ("pre-filled form", 0.4, get(f"/?{FILLED}"), "/bare/page", b"200"),
        ("redirect", 0.9, get("/r/bench-ig"), "/bare/r/bench-ig", b"302"),
        ("totals.json", 0.9, get("/totals.json"), "/bare/numbers", b"200"),
    )
    found = []
    for name, goal, requests, path, status in kinds:
        floor = post(path) if name.endswith("POST") else get(path)
        others = [Kind("  bare view, no middleware", nude, floor, status)]
        if name in ("redirect", "totals.json"):
            early = get(path.replace("bare", "early"))
            others.insert(0, Kind("  bare view, at ours' place", floor_site, early, status))
        if name == "pre-filled form":
            other = get(f"/bare/rendered?{FILLED}")
            others.insert(0, Kind("  rendered for each", floor_site, other, status))
        ours = Kind(name, site, requests, status)
        found.append(Pair(name, goal, ours, Kind("  bare view", floor_site, floor, status), others))
    return found


def queries(cookie: str) -> dict[str, int]:
    """Count the statements of each request in this process, warm."""
    from django.db import connection  # noqa: PLC0415 - Django is set up only now
    from django.test import Client  # noqa: PLC0415

    client, found = Client(HTTP_HOST="127.0.0.1"), {}
    client.cookies.load(cookie)
    for kind, path in (
        ("sign-up POST", "/"),
        ("  bare view", "/bare/sign-up"),
        ("blank form", "/"),
        ("pre-filled form", f"/?{FILLED}"),
        ("redirect", "/r/bench-ig"),
        ("totals.json", "/totals.json"),
    ):
        for _warm in range(2):
            made: list[str] = []

            def count(execute, sql, params, many, context, made=made):  # type: ignore[no-untyped-def]
                made.append(sql)
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                if kind in ("sign-up POST", "  bare view"):
                    email = f"counted-{next(COUNTER)}@example.org"
                    client.post(path, PERSON | {"email": email, "phone": ""})
                else:
                    client.get(path)
        found[kind] = len(made)
    return found


def furnish() -> str:
    """Migrate, make a partner with a link, and return the cookie of having come through it."""
    import django  # noqa: PLC0415 - after the environment was set

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from partners import touches  # noqa: PLC0415
    from partners.models import Partner, ReferralLink  # noqa: PLC0415

    settings.ROOT_URLCONF = "floor_urls"
    call_command("migrate", verbosity=0)
    partner = Partner.objects.create(name="Example Bench Alliance", slug="bench")
    ReferralLink.objects.create(partner=partner, code="bench-ig", label="Instagram bio")
    response = HttpResponse()
    new = touches.arrival(raw_code="bench-ig", query={}, at=timezone.now())
    touches.put(response, touches.written(touches=[], new=new))
    cookie = response.cookies[settings.TOUCH_COOKIE_NAME]
    return f"{cookie.key}={cookie.coded_value}"


def report(measured: list[Pair], counted: dict[str, int]) -> bool:
    print(f"{'':28}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'queries':>9}{'ratio':>8}")
    are_met = True
    for pair in measured:
        for path in pair.all:
            is_ours = path is pair.ours
            key = path.name if is_ours else "  bare view" if "POST" in pair.name else ""
            ratio = pair.ratio if is_ours else path.per_second / pair.floor.per_second
            print(
                f"{path.name:28}{path.per_second:9,.0f}{path.latency(0.5):9.2f}"
                f"{path.latency(0.99):9.2f}{1000 * statistics.median(path.cpu):9.3f}"
                f"{counted.get(key, 0):9}{ratio:8.2f}"
            )
        if pair.goal:
            is_met = pair.ratio >= pair.goal
            are_met &= is_met
            print(f"  goal {pair.goal}: {'met' if is_met else 'MISSED'}")
    return are_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, choices=range(2, 13))
    parser.add_argument("--seconds", type=float, default=1.2, help="of one round (1.2)")
    parser.add_argument("--only", default="", help="a part of the name of what is measured")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    seconds = min(wanted.seconds, 3.0)
    began = time.monotonic()
    with ground.prepared() as env:
        cookie = furnish()
        folder = Path(env["OUTBOX_DIR"])
        with (
            server.started(env) as site,
            server.started(env, FLOOR="1") as floor_site,
            server.started(env, FLOOR="1", FLOOR_WITHOUT_MIDDLEWARE="1") as nude,
        ):
            (folder / "page").write_bytes(server.get(site.port, "/"))
            (folder / "numbers").write_bytes(server.get(site.port, "/totals.json"))
            measured = pairs(site, floor_site, nude, cookie)
            measured = [pair for pair in measured if wanted.only in pair.name]
            for pair in measured:
                pair.go(wanted.rounds, seconds)
                print(f"measured: {pair.name}", file=sys.stderr)
        counted = queries(cookie)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    are_met = report(measured, counted)
    print(f"{wanted.rounds} rounds of {seconds} s each, {time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    main()
