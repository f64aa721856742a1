"""How fast webhooks leave, against bare POSTs over one kept line, and beside one that hangs."""

import argparse
import asyncio
import contextlib
import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import ground

EVENTS, PROBES = 500, 12
GOAL_PER_SECOND, GOAL_WAIT_SECONDS = 200, 3.0
WAYS: dict[str, Sequence[int | None]] = {
    "to a webhook of staff": [None],
    "to one of one partner": [1],
    "to fifty of partners": range(2, 52),
}
# The beat rings once a second.
BEAT_SECONDS = 1.0


class Talk(asyncio.Protocol):
    """One conversation over a kept line: takes each POST at once, and what goes to /hang never."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self.waiting) < end + 4 + length:
                return
            self.waiting = self.waiting[end + 4 + length :]
            if not head.startswith(b"post /hang"):
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def receiver() -> Iterator[str]:
    """Yield the address of a receiver in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--receive"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """Sweep as one worker process does: in all of its threads, rung by the beat."""
    from django.db import connections  # noqa: PLC0415 - Django is set up only now
    from django.utils import timezone  # noqa: PLC0415

    from candidates import hooks  # noqa: PLC0415
    from partners.hooks.sending import SENDERS  # noqa: PLC0415

    is_over = Event()

    def sweep(number: int) -> None:
        is_over.wait(number * BEAT_SECONDS / SENDERS)
        while not is_over.is_set():
            hooks.sweep(clock=timezone.now)
            connections.close_all()
            is_over.wait(BEAT_SECONDS)

    with ThreadPoolExecutor(SENDERS) as threads:
        work = [threads.submit(sweep, number) for number in range(SENDERS)]
        try:
            yield
        finally:
            is_over.set()
        for it in work:
            it.result()


def furnish() -> None:
    """Make a drive with people who signed up through the links of 500 partners."""
    import django  # noqa: PLC0415 - after the environment was set

    django.setup()
    import world  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    world.fill(10 * EVENTS)
    settings.HOOKS_TO_LOOPBACK = True


def endpoint(address: str, *, partner_id: int | None = None) -> Any:
    from django.utils import timezone  # noqa: PLC0415

    from partners import hooks  # noqa: PLC0415
    from partners.models import Endpoint, Partner, User  # noqa: PLC0415
    from partners.models.hooks import Event  # noqa: PLC0415

    author = User.objects.get_or_create(email="bench@example.org", full_name="Bench")[0]
    return hooks.make(
        partner=partner_id and Partner.objects.get(pk=partner_id),
        address=address,
        dialect=Endpoint.Dialect.SIGNED,
        kinds=[Event.LEAD_CREATED],
        author=author,
        language="en",
        now=timezone.now(),
    )


def owe(endpoint: Any, number: int) -> None:
    """Owe it so many sign-ups of its partner; of anybody, if it is of staff."""
    from django.utils import timezone  # noqa: PLC0415

    from partners.models import Credit, Delivery  # noqa: PLC0415

    lines = Credit.objects.filter(kind="signed_up").order_by("-id")
    if endpoint.partner_id:
        lines = lines.filter(partner=endpoint.partner_id)
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            endpoint=endpoint, source=f"credit:{it.pk}", kind="lead.created",
            subject=str(it.candidate_uuid), happened_at=it.at, planned_at=now, due_at=now,
        )
        for it in lines[:number]
    )  # fmt: skip


def left(endpoint: Any) -> int:
    return endpoint.deliveries.filter(due_at__isnull=False).count()


@dataclass(frozen=True)
class Speed:
    """Of so many POSTs: how many a second, and what each cost this process."""

    per_second: float
    cpu: float


@contextlib.contextmanager
def timed(number: int, found: list[Speed]) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    found.append(Speed(number / wall, 1000 * cpu / number))


def send(address: str, partner_ids: Sequence[int | None], found: list[Speed]) -> None:
    """Send with one worker process, as many to each of these partners' endpoints."""
    from partners.models import Delivery  # noqa: PLC0415

    endpoints = [endpoint(address, partner_id=it) for it in partner_ids]
    for it in endpoints:
        owe(it, EVENTS // len(endpoints))
    due = Delivery.objects.filter(due_at__isnull=False)
    with timed(due.count(), found), worker():
        while due.exists():
            time.sleep(0.05)
    for it in endpoints:
        it.delete()


def bare(address: str, body: bytes, found: list[Speed]) -> None:
    """Send one after the other over one kept line: the least there is to do."""
    line = http.client.HTTPConnection(urlsplit(address).netloc)
    line.connect()
    with timed(EVENTS, found):
        for _ in range(EVENTS):
            line.request("POST", "/", body, {"Content-Type": "application/json"})
            line.getresponse().read()
    line.close()


def waits(quick: Any) -> list[float]:
    """Owe it one event after the other, and return after how many seconds each had arrived."""
    from django.utils import timezone  # noqa: PLC0415

    from partners import hooks  # noqa: PLC0415

    found = []
    for _ in range(PROBES):
        ping, began = hooks.ping(endpoint=quick, now=timezone.now()), time.monotonic()
        while quick.deliveries.filter(pk=ping.pk, due_at__isnull=False).exists():
            time.sleep(0.01)
        found.append(time.monotonic() - began)
    return found


def measure_throughput(address: str, rounds: int) -> bool:
    """Send in all ways by turns; say whether each is fast enough."""
    ours: dict[str, list[Speed]] = {name: [] for name in WAYS}
    floor: list[Speed] = []
    for _ in range(rounds):
        bare(address, b'{"type": "lead.created", "data": {}}'.ljust(700), floor)
        for name, partner_ids in WAYS.items():
            send(address, partner_ids, ours[name])
    print(f"{'':24}{'a second':>10}{'CPU ms':>8}{'ratio':>8}")
    for name, found in {"bare loop, kept line": floor, **ours}.items():
        pairs = zip(found, floor, strict=True)
        ratio = statistics.median(it.per_second / least.per_second for it, least in pairs)
        cpu = statistics.median(it.cpu for it in found)
        print(f"{name:24}{typical(found):10,.0f}{cpu:8.2f}{ratio:8.2f}")
    is_met = all(typical(it) >= GOAL_PER_SECOND for it in ours.values())
    print(f"  goal {GOAL_PER_SECOND} a second: {'met' if is_met else 'MISSED'}")
    return is_met


def typical(found: Sequence[Speed]) -> float:
    return statistics.median(it.per_second for it in found)


def measure_waits(address: str) -> bool:
    quick = endpoint(address)
    with worker():
        alone = waits(quick)
    hanging = endpoint(f"{address}hang", partner_id=1)
    owe(hanging, EVENTS)
    with worker():
        beside = waits(quick)
    is_met = max(beside) <= GOAL_WAIT_SECONDS and left(hanging) > 0
    for name, found in {"alone": alone, "beside one that hangs": beside}.items():
        print(f"one event, {name:24} p50 {statistics.median(found):.2f} s, max {max(found):.2f} s")
    print(f"  goal at most {GOAL_WAIT_SECONDS:.0f} s: {'met' if is_met else 'MISSED'}")
    return is_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 13))
    parser.add_argument("--receive", action="store_true", help="be the receiver, and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    if wanted.receive:
        asyncio.run(serve())
        return
    with ground.prepared(), receiver() as address:
        furnish()
        are_met = measure_throughput(address, wanted.rounds)
        are_met &= measure_waits(address)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    main()
