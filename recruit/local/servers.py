"""PostgreSQL and Valkey for everyone who works in this checkout at the moment.

Whoever comes first starts them, whoever leaves last stops them. Each holds a share of one lock for
as long as it lives; the kernel gives the share back even after kill -9.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from recruit.local import folders, named, postgres, processes, valkey
from recruit.local.console import step
from recruit.local.postgres import Postgres
from recruit.local.refusal import Refusal
from recruit.local.valkey import Valkey

STOP_SECONDS = 4


@dataclass(frozen=True)
class Servers:
    """Only those that the person has not named: DATABASE_URL and REDIS_URL win."""

    postgres: Postgres | None
    valkey: Valkey | None

    @property
    def embedded(self) -> list[Postgres | Valkey]:
        return [server for server in (self.postgres, self.valkey) if server is not None]

    @property
    def variables(self) -> dict[str, str]:
        return {
            **({"DATABASE_URL": self.postgres.url} if self.postgres else {}),
            **({"REDIS_URL": self.valkey.url} if self.valkey else {}),
        }

    def start(self, *, quietly: bool = False) -> None:
        for server in self.embedded:
            if not server.answers():
                # What is left of one that does not answer would be in the way of the new one.
                processes.stop([server.daemon], seconds=STOP_SECONDS)
                server.start()
                if not quietly:
                    step(f"{server.daemon.name} is up")

    def stop(self) -> None:
        processes.stop([server.daemon for server in self.embedded], seconds=STOP_SECONDS)


def kept(place: folders.Folders) -> Servers:
    """Servers whose data stays."""
    return Servers(
        None if os.environ.get("DATABASE_URL") else postgres.of(place),
        None if os.environ.get("REDIS_URL") else valkey.of(place),
    )


def throw_away(place: folders.Folders) -> Servers:
    """Servers for one test run."""
    return Servers(
        None
        if os.environ.get("DATABASE_URL")
        else postgres.of(place, settings=postgres.THROW_AWAY),
        None if os.environ.get("REDIS_URL") else valkey.of(place, options=valkey.THROW_AWAY),
    )


@contextlib.contextmanager
def shared(place: folders.Folders, servers: Servers, *, quietly: bool = False) -> Iterator[None]:
    """Up while anyone is inside."""
    named.refuse_silent(place)
    with (place.run / "share.lock").open("w") as share:
        try:
            with door(place):
                fcntl.flock(share, fcntl.LOCK_SH)
                servers.start(quietly=quietly)
            yield
        finally:
            with door(place):
                if alone(share):
                    servers.stop()


@contextlib.contextmanager
def door(place: folders.Folders) -> Iterator[None]:
    """One at a time comes or goes."""
    with (place.run / "door.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def alone(share: IO[str]) -> bool:
    """Whether nobody else holds a share; ours is given up either way."""
    fcntl.flock(share, fcntl.LOCK_UN)
    return held(share)


def held(lock: IO[str]) -> bool:
    """Takes the lock for us alone, unless someone has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def nobody_else(place: folders.Folders) -> Iterator[None]:
    """For what must not happen under anyone's feet; nobody comes in meanwhile."""
    with door(place), (place.run / "share.lock").open("w") as share:
        if not held(share):
            raise Refusal("Another ./run command uses the data at the moment: end that one first.")
        yield


def remove(place: folders.Folders) -> None:
    """Servers and data, wherever they are."""
    Servers(postgres.of(place), valkey.of(place)).stop()
    for folder in (postgres.of(place).home, place.valkey, place.short_sockets):
        folders.remove(folder)
