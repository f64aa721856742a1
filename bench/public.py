"""What each address that anyone may ask for costs a web process, asked in as odd a way as any."""

import argparse
import itertools
import logging
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import ground
import run

GOAL = 20  # times what the blank form costs, which is about 5 ms on a quiet machine
ROUNDS = 40
CORRECTIONS = 3_000
# Each as a browser asks, with an `{n}` that is never the same; `came` has the cookie of a link.
ADDRESSES = (
    ("blank form", "/?x={n}"),
    ("  of a partner", "came /"),
    ("pre-filled form", "/?first_name=Ada{n}&zip_code=10001&office=council"),
    ("  of a partner", "came /?first_name=Ada{n}&office=council"),
    ("  8,000 characters long", "/?motivation={n}" + 2_660 * "%3C"),
    ("  as a destination", "/?ref={code}&source={n}&last_name=Example"),
    ("thanks", "came /thanks/"),
    ("privacy", "/privacy/?x={n}"),
    ("big screen", "/live/?x={n}"),
    ("corrections", "/corrections/?x={n}"),
    ("  anywhere", "/corrections/?before={n}"),
    ("  page after page", "/es/corrections/?before={hundred}"),
    ("drives", "/drives/?x={n}"),
    ("  a drive", "/drives/{drive}/?x={n}"),
    ("  none", "/drives/none-{n}/"),
    ("embedded form", "/embed/{code}/?x={n}"),
    ("  unknown code", "/embed/none-{n}/"),
    ("  thanks", "/embed/{code}/thanks/"),
    ("  thermometer", "/embed/{code}/thermometer/?x={n}"),
    ("  of an unknown code", "/embed/none-{n}/thermometer/"),
    ("totals.json", "/totals.json?x={n}"),
    ("badge", "/badge/{code}.svg?x={n}"),
    ("  unknown code", "/badge/none-{n}.svg"),
    ("share picture", "/share/{code}.png?x={n}"),
    ("  unknown code", "/share/none-{n}.png"),
    ("redirect", "/r/{code}?source={n}"),
    ("  unknown code", "/r/none-{n}"),
    ("confirm, bad key", "/confirm/none-{n}/"),
    ("unsubscribe, bad key", "/unsubscribe/none-{n}/"),
    ("become a partner", "/partner-with-us/"),
    ("log-in", "/log-in/"),
    ("new password", "/new-password/"),
    ("no such page", "/none-{n}/"),
)


def furnish() -> dict[str, str]:
    """The demo with a long log of corrections; returns what stands for what in the addresses."""
    cookie = run.furnish()
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up only now
    from django.utils import timezone  # noqa: PLC0415

    from partners.models import Correction, Drive  # noqa: PLC0415

    call_command("load_demo", verbosity=0)
    drive, now = Drive.objects.order_by("-id")[0], timezone.now()
    told = {"recorded_at": now, "deed": "moved", "people": 2, "change": 0}
    rows = [Correction(drive=drive, **told) for _ in range(CORRECTIONS)]
    for number, row in enumerate(rows):
        row.recorded_at = now.replace(microsecond=number)
    Correction.objects.bulk_create(rows)
    return {"code": "bench-ig", "drive": drive.slug, "cookie": cookie}


def measured(told: dict[str, str], rounds: int) -> Iterator[tuple[str, int, list[float], int]]:
    """Yield of each its status, the milliseconds of each request, and the statements of all."""
    from django.db import connection  # noqa: PLC0415

    made: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        made.append(sql)
        return execute(sql, *rest)

    for name, asked in ADDRESSES:
        client, address = _client(told["cookie"], asked)
        numbers = itertools.count(1_000)
        spent: list[float] = []
        with connection.execute_wrapper(count):
            for turn in range(2 * rounds):  # the first half is to get warm
                n = next(numbers)
                path = address.format(n=n, hundred=100 * (n % rounds % 25 + 1), **told)
                if turn == rounds:
                    made.clear()
                began = time.thread_time()
                status = client.get(path).status_code
                spent.append(1000 * (time.thread_time() - began))
        yield name, status, spent[rounds:], len(made)


def _client(cookie: str, address: str) -> tuple[Any, str]:
    from django.test import Client  # noqa: PLC0415

    client = Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT=run.BROWSER)
    who, _space, path = address.rpartition(" ")
    if who:
        client.cookies.load(cookie)
    return client, path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--strict", action="store_true", help="exit with 1 when the goal is missed")
    wanted = parser.parse_args()
    logging.disable(logging.WARNING)  # what is not found is asked for on purpose
    with ground.prepared():
        found = list(measured(furnish(), wanted.rounds))
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    floor = statistics.median(found[0][2])
    print(f"{'':26}{'status':>7}{'CPU ms':>9}{'most':>8}{'queries':>9}{'ratio':>7}")
    for name, status, spent, made in found:
        middle = statistics.median(spent)
        print(
            f"{name:26}{status:7}{middle:9.2f}{max(spent):8.2f}{made / len(spent):9.1f}"
            f"{middle / floor:7.1f}"
        )
    dearest = max(statistics.median(spent) for *_rest, spent, _made in found) / floor
    print(f"goal: {GOAL} at most: {'met' if dearest <= GOAL else 'MISSED'}")
    sys.exit(wanted.strict and dearest > GOAL)


if __name__ == "__main__":
    main()
