"""A whole platform of its own for one play: servers, mail server, web, workers, in one folder."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connections

from recruit.local import folders, postgres, processes, servers, suite, valkey, variables
from tests.faults.letterbox import Letterbox
from tests.faults.proxy import LOOPBACK, Proxy
from tests.faults.site import Site, kill

CHECKOUT = Path(__file__).resolve().parents[2]
# What was committed must survive kill -9, and needs not survive a power cut.
SETTINGS = ("fsync=off", "full_page_writes=off", "track_commit_timestamp=on")


@dataclass
class World:
    place: folders.Folders
    twin: str = ""
    web_twin: str = ""
    said: list[str] = field(default_factory=list)
    settings: tuple[str, ...] = SETTINGS

    def __post_init__(self) -> None:
        self.postgres = postgres.of(self.place, settings=self.settings)
        self.valkey = valkey.of(self.place)
        self.servers = servers.Servers(self.postgres, self.valkey)
        self.letters = Letterbox(self.place.local)
        self.mail_door = Proxy(server=free_port())
        self.redis_door = Proxy(server=self.valkey.socket, door=self.place.local / "redis.sock")
        self.postgres_door = Proxy(
            server=self.postgres.sockets / postgres.SOCKET,
            door=self.place.local / postgres.SOCKET,
        )
        self.doors = (self.mail_door, self.redis_door, self.postgres_door)

    def open(self) -> None:
        self.servers.start(quietly=True)
        for door in self.doors:
            door.start()
        self.site = Site(self.place, self.servers, self.environment(), free_port())
        self.site.env["BASE_URL"] = self.base_url
        self.site.twin, self.site.web_twin = self.twin, self.web_twin
        self.open_post_office()

    def open_post_office(self) -> None:
        """On the same port each time, as a mail server that comes back would."""
        daemon = self.site.daemon("postoffice")
        words = (self.letters.log, self.letters.orders, str(self.mail_door.server))
        command = [sys.executable, "-m", "tests.faults.postoffice", *words]
        opened = self.letters.number("open")
        daemon.start(command, env=self.environment(), cwd=CHECKOUT)
        assert processes.wait_until(lambda: self.letters.number("open") > opened, seconds=30)

    def close_post_office(self) -> None:
        kill(self.site.daemon("postoffice"))

    def close(self) -> None:
        if hasattr(self, "site"):
            kill(*self.site.everything())
        for door in self.doors:
            door.stop()
        self.servers.stop()

    @property
    def base_url(self) -> str:
        return variables.at_port(self.site.port)

    def environment(self) -> dict[str, str]:
        """Mail always goes through its door; through_doors() leads everything else there, too."""
        return variables.of(self.place, self.servers, mode="test") | {
            "EMAIL_URL": f"smtp://{LOOPBACK}:{self.mail_door.door}",
            "PYTHONPATH": str(CHECKOUT),
        }

    def through_doors(self) -> None:
        """Whoever is started from now on speaks with PostgreSQL and Redis through us."""
        folder = quote(str(self.place.local), safe="")
        self.site.env |= {
            "DATABASE_URL": f"postgresql://{postgres.NAME}@/{postgres.NAME}?host={folder}",
            "REDIS_URL": f"unix://{quote(str(self.redis_door.door))}",
        }

    def call(self, *words: str) -> str:
        """Run a module of ours in this world, and return what it printed."""
        answer = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=CHECKOUT,
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    @contextmanager
    def database(self) -> Iterator[None]:
        """In this thread, Django speaks with this world's PostgreSQL, and past its door."""
        there = {"NAME": postgres.NAME, "USER": postgres.NAME, "HOST": str(self.postgres.sockets)}
        wrapper = connections.create_connection("default")
        wrapper.settings_dict = {**settings.DATABASES["default"], **there}
        connections["default"] = wrapper
        try:
            yield
        finally:
            wrapper.close()
            del connections["default"]

    def reconnect(self) -> None:
        """In this thread: the server that we knew is gone."""
        connections["default"].close()

    def kill_postgres(self) -> None:
        """kill -9 of the server and of every backend."""
        for pid in processes.working_in(self.postgres.data):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        kill(self.postgres.daemon)

    def signal_valkey(self, number: signal.Signals) -> None:
        os.kill(self.valkey.daemon.pid or 0, number)

    def flush_valkey(self) -> None:
        with redis.Redis(unix_socket_path=str(self.valkey.socket)) as line:
            line.flushall()

    def tell(self, *lines: str) -> None:
        """For the summary of the tests."""
        self.said.extend(line for line in lines if line not in self.said)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def prepared() -> Iterator[Path]:
    """Yield a folder with a migrated, filled database that nobody serves: to be copied."""
    with suite.throw_away_folders(CHECKOUT) as place:
        world = World(place)
        world.servers.start(quietly=True)
        try:
            world.call("tests.faults.seeding", "prepare")
        finally:
            world.servers.stop()
        yield world.postgres.home


@contextmanager
def opened(template: Path, **wishes: object) -> Iterator[World]:
    with suite.throw_away_folders(CHECKOUT) as place:
        world = World(place, **wishes)
        subprocess.run(["cp", "-a", template, world.postgres.home], check=True)
        try:
            world.open()
            with world.database():
                yield world
        finally:
            world.close()
