"""How fast mail leaves, against the least that Django and smtplib can do in the same run."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import sink
from debts import clock, owe

MAILS = 1_000
GOAL = 0.8


@dataclass
class Way:
    """One way to send so many mails, and what all of its rounds told."""

    name: str
    send: Callable[[], None]
    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def go(self, taken: sink.Sink, *, keep: bool) -> None:
        owe(lane="BULK", rows=MAILS)
        letters = taken.letters()
        cpu, wall = time.process_time(), time.perf_counter()
        self.send()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        came = taken.letters() - letters
        assert came == MAILS, (self.name, came)
        if keep:
            self.per_second.append(MAILS / wall)
            self.cpu.append(1000 * cpu / MAILS)


def written() -> list[Any]:
    """Write the letters that are due, as a worker would, to be sent again in other ways."""
    from candidates import letters  # noqa: PLC0415
    from candidates.followups import claiming  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    found: list[Any] = []
    while claimed := claiming.claim(lane=Lane.BULK, now=clock()):
        errands = claiming.wanted(claimed=claimed, now=clock())
        found += [letters.write(followup=it.followup, partner=it.partner) for it in errands]
    return found


def sweep() -> None:
    from candidates import followups  # noqa: PLC0415
    from candidates.models import Lane  # noqa: PLC0415

    followups.sweep(lane=Lane.BULK, clock=clock)


def sweep_in_lines() -> None:
    """As a worker process does: in all threads that it has for this lane, each with its line."""
    from django.db import connections  # noqa: PLC0415

    def one(_number: int) -> None:
        sweep()
        connections.close_all()

    with ThreadPoolExecutor(lines()) as threads:
        list(threads.map(one, range(lines())))


def lines() -> int:
    from django.conf import settings  # noqa: PLC0415

    return settings.MAIL_CONNECTIONS


def bare(letters: Sequence[Any]) -> Callable[[], None]:
    """The least that Django can do: build each mail from what is known, and send it."""
    from django.core.mail import EmailMultiAlternatives  # noqa: PLC0415
    from django.core.mail.backends import smtp  # noqa: PLC0415

    told = [
        (it.subject, it.body, it.from_email, it.to, it.extra_headers, it.alternatives[0].content)
        for it in letters
    ]

    def send() -> None:
        line = smtp.EmailBackend()
        line.open()
        for subject, text, sender, to, headers, html in told:
            letter = EmailMultiAlternatives(subject, text, sender, to, headers=headers)
            letter.attach_alternative(html, "text/html")
            line.send_messages([letter])
        line.close()

    return send


def ready_made(letters: Sequence[Any]) -> Callable[[], None]:
    """What smtplib and the sink can do at most: nothing is built."""
    from django.core.mail.backends import smtp  # noqa: PLC0415

    told = [(it.to, it.message().as_bytes(linesep="\r\n")) for it in letters]
    print(f"{statistics.mean(len(it) for _to, it in told):,.0f} bytes a mail")

    def send() -> None:
        line = smtp.EmailBackend()
        line.open()
        for to, letter in told:
            line.connection.sendmail("hello@example.org", to, letter)
        line.close()

    return send


def measure(rounds: int) -> bool:
    """Send the same mails in all ways by turns; say whether the goal is met."""
    with sink.started() as taken:
        use(taken)
        owe(lane="BULK", rows=MAILS)
        letters = written()
        assert len(letters) == MAILS, len(letters)
        ours = Way(f"one worker process, {lines()} lines", sweep_in_lines)
        floor = Way("bare loop", bare(letters))
        ready = Way("smtplib, ready mails", ready_made(letters))
        ways = [ours, floor, Way("one sweep", sweep), ready]
        for number in range(rounds + 1):
            for way in ways if number % 2 else reversed(ways):
                way.go(taken, keep=number > 0)
    print(f"{'':29}{'mails/s':>9}{'CPU ms':>9}{'ratio':>8}")
    for way in ways:
        cpu = statistics.median(way.cpu)
        per_second = statistics.median(way.per_second)
        print(f"{way.name:29}{per_second:9,.0f}{cpu:9.3f}{against(way, floor):8.2f}")
    is_met = against(ours, floor) >= GOAL
    print(f"  goal {GOAL}: {'met' if is_met else 'MISSED'}")
    return is_met


def against(way: Way, floor: Way) -> float:
    return statistics.median(a / b for a, b in zip(way.per_second, floor.per_second, strict=True))


def use(taken: sink.Sink) -> None:
    """Send through this sink from now on, as in production."""
    from django.conf import settings  # noqa: PLC0415

    settings.EMAIL_BACKEND = "recruit.mail.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", taken.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
