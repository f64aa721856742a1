"""A PostgreSQL of this checkout's own: no TCP, a socket that only its account and root can open."""

import signal
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from recruit.local import accounts, console, folders, processes, programs, refusal
from recruit.local.accounts import Account
from recruit.local.refusal import Refusal

NAME = "recruit"
SOCKET = ".s.PGSQL.5432"
# After kill -9, backends of the dead server hold its memory for some seconds.
RETRY_SECONDS = 10
STILL_HELD = ("shared memory block", "lock file")
RECOVERY_SECONDS = 120
# Lasts no longer than one test run, so nothing is ever waited for on its behalf.
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# The builtin provider sorts alike on every machine; older versions have only the machine's own.
LOCALES = (
    ("--locale-provider=builtin", "--locale=C.UTF-8"),
    ("--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"),
    ("--locale=C.UTF-8",),
    ("--locale=C",),
)


@dataclass(frozen=True)
class Postgres:
    home: Path
    sockets: Path
    account: Account
    daemon: processes.Daemon
    place: folders.Folders
    settings: Sequence[str] = ()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='')}"

    def answers(self) -> bool:
        """Decided by connecting, as a client would: R is PostgreSQL's word for welcome."""
        words = b"user\0" + NAME.encode() + b"\0database\0" + NAME.encode() + b"\0\0"
        # Says hello (protocol 3.0) and at once good-bye, so that the server logs no broken talk.
        greeting = struct.pack("!ii", 8 + len(words), 3 << 16) + words + b"X\0\0\0\4"
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.sockets / SOCKET))
                line.sendall(greeting)
                return b"".join(iter(lambda: line.recv(4096), b"")).startswith(b"R")
        except OSError:
            return False

    def is_gone(self) -> bool:
        """Dead, not merely busy; one that another launcher started still answers."""
        return self.daemon.is_gone() and not self.answers()

    def start(self) -> None:
        bin_folder = self._programs()
        folders.make_private(self.sockets, self.account.uid, self.account.gid)
        if not (self.data / "PG_VERSION").exists():
            self._create(bin_folder)
        self._forget_lock_of_the_dead()
        self._launch(bin_folder)

    def _programs(self) -> Path:
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        found = programs.postgres(self.place, major=self._major())
        return programs.reachable(found, account=self.account, copies=self.home / "programs")

    def _major(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _create(self, bin_folder: Path) -> None:
        """Under another name first: a start that was ended here begins again cleanly."""
        draft = self.home / "data.new"
        for locale in LOCALES:
            folders.remove(draft)
            folders.make_private(draft, self.account.uid, self.account.gid)
            if self._initdb(bin_folder, draft, locale):
                break
        else:
            raise self._failure("PostgreSQL could not make its data folder")
        self._create_database(bin_folder, draft)
        draft.rename(self.data)

    def _initdb(self, bin_folder: Path, data: Path, locale: Sequence[str]) -> bool:
        command: list[processes.Word] = [
            bin_folder / "initdb", "--pgdata", data, "--username", NAME, "--encoding=UTF8",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions", "--no-sync", *locale,
        ]  # fmt: skip
        return self._call(command) == 0

    def _create_database(self, bin_folder: Path, data: Path) -> None:
        command: list[processes.Word] = [
            bin_folder / "postgres",
            "--single",
            "-D",
            data,
            "postgres",
        ]
        if self._call(command, f'CREATE DATABASE "{NAME}";\n'.encode()) != 0:
            raise self._failure("PostgreSQL could not make its first database")

    def _call(self, command: Sequence[processes.Word], words: bytes = b"") -> int:
        with self.daemon.log.open("ab") as log:
            return subprocess.run(
                command,
                input=words,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=self.home,
                check=False,
                **self.account.options,
            ).returncode

    def _forget_lock_of_the_dead(self) -> None:
        """After a restart of the machine its lock can name a number that someone else has now.

        PostgreSQL then refuses to start. A process of it that still lives, even a backend, works in
        the data folder; where nobody does (and the kernel can say so), the lock is nobody's.
        """
        if processes.HAS_PROC and not processes.working_in(self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _launch(self, bin_folder: Path) -> None:
        deadline = time.monotonic() + RETRY_SECONDS
        while not self._comes_up(bin_folder):
            if not self._is_still_held() or time.monotonic() > deadline:
                raise self._failure("PostgreSQL did not start")
            time.sleep(0.5)

    def _is_still_held(self) -> bool:
        last_words = console.last_lines(self.daemon.log, 5)
        return any(sign in last_words for sign in STILL_HELD)

    def _comes_up(self, bin_folder: Path) -> bool:
        settings = [
            "listen_addresses=",
            f'unix_socket_directories="{self.sockets}"',
            "unix_socket_permissions=0700",
            *self.settings,
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        self.daemon.start(
            [bin_folder / "postgres", "-D", self.data, *options],
            env=environment(),
            cwd=self.home,
            **self.account.options,
        )
        processes.wait_until(
            lambda: self.answers() or not self.daemon.pid, seconds=RECOVERY_SECONDS
        )
        return self.answers()

    def _failure(self, what: str) -> Refusal:
        tail = console.last_lines(self.daemon.log)
        return refusal.of_log(tail) or Refusal(
            f"{what}: read why in {self.daemon.log}, put it right and try again.\n{tail}"
        )


def environment() -> Mapping[str, str]:
    """Nothing of the caller's: PGDATA, LC_ALL and their like would change what the server is."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def of(place: folders.Folders, *, settings: Sequence[str] = ()) -> Postgres:
    """PostgreSQL under .local, or under /var/lib when root's lesser account can't enter there."""
    home = place.local / "postgres"
    account = accounts.for_postgres(home / "data")
    if not account.can_enter(place.local):
        home = Path("/var/lib") / f"recruit-{place.key}"
        account = accounts.for_postgres(home / "data")
    daemon = processes.Daemon(
        "PostgreSQL",
        note=place.run / "postgres.json",
        log=place.log / "postgres.log",
        polite=signal.SIGINT,
    )
    return Postgres(home, place.socket(home / "socket"), account, daemon, place, settings)
