"""Web, workers and beat: started after the servers, watched, started again a few times, stopped."""

import http.client
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recruit.local import console, folders, processes, servers
from recruit.local.refusal import Refusal

UP_SECONDS = 60
STOP_SECONDS = 5
TRIES = 3
TRIES_WITHIN_SECONDS = 60
REHEARSAL = "rehearsal-"


@dataclass
class Website:
    place: folders.Folders
    ours: servers.Servers
    env: Mapping[str, str]
    port: int
    # Of the names of its processes: a rehearsal's run beside the real ones.
    prefix: str = ""
    deaths: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.web, self.worker, self.mailer = daemons(self.place, self.prefix)

    def start(self) -> None:
        refuse_taken(self.port)
        self.start_web()
        self.start_worker()
        self.start_mailer()
        if not processes.wait_until(self.is_over, seconds=UP_SECONDS) or not self.answers():
            raise died(self.web, "The web server does not answer")

    def is_over(self) -> bool:
        return self.answers() or not self.web.pid

    def start_web(self) -> None:
        self._start(
            self.web, "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", "2", "--blocking-threads", "4", "--no-ws",
            "--respawn-failed-workers", "recruit.wsgi:application",
        )  # fmt: skip

    def start_worker(self) -> None:
        # Beat's memory of when it last ran something may be half-written after kill -9, and
        # forgetting it is harmless: every sweep may come at any time.
        schedule = self.place.run / f"{self.prefix}beat"
        for left in self.place.run.glob(f"{self.prefix}beat*"):
            left.unlink()
        self._start_celery(self.worker, "celery", "--beat", "--schedule", str(schedule))

    def start_mailer(self) -> None:
        # Files and webhooks are few on one machine: workers of their own cost more than they bring.
        self._start_celery(self.mailer, "mail,bulk,files,hooks", concurrency=8)

    def _start_celery(
        self, daemon: processes.Daemon, queues: str, *words: str, concurrency: int = 4
    ) -> None:
        self._start(
            daemon, "celery", "-A", "recruit", "worker", "--queues", queues,
            "--hostname", f"{daemon.name}@%h", "--pool", "threads",
            "--concurrency", str(concurrency),
            "--loglevel", "INFO", "--without-gossip", "--without-mingle", *words,
        )  # fmt: skip

    def _start(self, daemon: processes.Daemon, module: str, *words: str) -> None:
        daemon.start(
            [self.place.python, "-m", module, *words], env=self.env, cwd=self.place.checkout
        )

    def answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def mend(self) -> None:
        """Start again what ended; refuse where it dies more often than we are ready to mend."""
        starters = [
            (self.web, self.web.is_gone, self.start_web),
            (self.worker, self.worker.is_gone, self.start_worker),
            (self.mailer, self.mailer.is_gone, self.start_mailer),
            *((s.daemon, s.is_gone, self.ours.start) for s in self.ours.embedded),
        ]
        for daemon, is_gone, start in starters:
            if is_gone():
                self._mend(daemon)
                start()

    def _mend(self, daemon: processes.Daemon) -> None:
        now = time.monotonic()
        recent = [t for t in self.deaths.get(daemon.name, []) if now - t < TRIES_WITHIN_SECONDS]
        if len(recent) >= TRIES:
            raise died(daemon, f"The {daemon.name} process keeps ending")
        self.deaths[daemon.name] = [*recent, now]
        console.step(f"The {daemon.name} process ended; starting it again")
        daemon.kill_group()
        time.sleep(2 ** len(recent) - 1)

    def stop(self) -> None:
        processes.stop([self.web, self.worker, self.mailer], seconds=STOP_SECONDS)


def daemons(place: folders.Folders, prefix: str) -> list[processes.Daemon]:
    names = [f"{prefix}{name}" for name in ("web", "worker", "mail")]
    return [
        processes.Daemon(name, note=place.run / f"{name}.json", log=place.log / f"{name}.log")
        for name in names
    ]


def watch(sites: Sequence[Website]) -> None:
    """Until a signal ends it, or something dies more often than we are ready to mend."""
    while True:
        time.sleep(0.5)
        for site in sites:
            site.mend()


def end_leftovers(place: folders.Folders) -> None:
    """A ./run that was ended with kill -9 left its web and workers behind."""
    left = [*daemons(place, ""), *daemons(place, REHEARSAL)]
    processes.stop(left, seconds=STOP_SECONDS)


def died(daemon: processes.Daemon, what: str) -> Refusal:
    return Refusal(f"{what}: read why in {daemon.log}.\n{console.last_lines(daemon.log)}")


def refuse_taken(port: int) -> None:
    if not is_free(port):
        other = next((p for p in range(port + 1, port + 100) if is_free(p)), 0)
        raise Refusal(f"Port {port} is taken by another program: try ./run --port {other}.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the web server will: a port whose last connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Refusal(f"Port {port} is only for root: choose one above 1023.") from None
        except OSError:
            return False
        return True
