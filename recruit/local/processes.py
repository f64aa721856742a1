"""Processes that outlive the one that started them, and are known again for certain.

A process is known by its number *and* the moment it was born, so that a number the kernel has
given to someone else in the meantime is never signalled.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "stat").exists()
LOG_LIMIT_BYTES = 10_000_000


def born(pid: int) -> str | None:
    """When this process began, in the kernel's words; None when it is gone or a zombie."""
    if not HAS_PROC:
        return _born_by_ps(pid)
    try:
        # The name in brackets may hold anything, so fields are counted from behind it.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def _born_by_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)], check=False, capture_output=True, text=True
    ).stdout.split(maxsplit=1)
    return answer[1].strip() if len(answer) > 1 and not answer[0].startswith("Z") else None


def group(leader: int) -> list[int]:
    """The living processes of a process group, also when its leader is gone."""
    return [pid for pid in everyone() if _group_of(pid) == leader and born(pid)]


def working_in(folder: Path) -> list[int]:
    """Who has this as current folder; needs /proc."""
    return [pid for pid in everyone() if _is_working_in(pid, folder)]


def _is_working_in(pid: int, folder: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").readlink() == folder
    except OSError:
        return False


def everyone() -> list[int]:
    if HAS_PROC:
        return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    answer = subprocess.run(["ps", "-A", "-o", "pid="], check=False, capture_output=True, text=True)
    return [int(word) for word in answer.stdout.split()]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


Word = str | Path


@dataclass
class Daemon:
    """One program that we start, watch and stop. `note` remembers it across our own death."""

    name: str
    note: Path
    log: Path
    polite: signal.Signals = signal.SIGTERM
    popen: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(
        self, command: Sequence[Word], *, env: Mapping[str, str], cwd: Path, **options: Any
    ) -> None:
        self._turn_log()
        with self.log.open("ab") as log:
            # Its own session, so that Ctrl-C reaches only us and we stop things in order.
            self.popen = subprocess.Popen(
                command,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )
        self._remember(self.popen.pid)

    def _turn_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".old"))

    def _remember(self, pid: int) -> None:
        draft = self.note.with_suffix(".new")
        draft.write_text(json.dumps({"pid": pid, "born": born(pid)}))
        draft.replace(self.note)

    def _remembered(self) -> tuple[int, str | None]:
        try:
            note = json.loads(self.note.read_text())
            return note["pid"], note["born"]
        except (FileNotFoundError, ValueError, KeyError):
            return 0, None

    @property
    def pid(self) -> int | None:
        """Its number while it lives."""
        if self.popen:
            self.popen.poll()
        pid, moment = self._remembered()
        return pid if pid and moment and born(pid) == moment else None

    def is_gone(self) -> bool:
        return self.pid is None

    def kill_group(self) -> None:
        """Ends what is left of it by force, children whose parent died first included."""
        pid, moment = self._remembered()
        if pid and (born(pid) in (moment, None)):
            for member in group(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal.SIGKILL)

    def forget(self) -> None:
        self.note.unlink(missing_ok=True)


def noted(run: Path) -> list[Daemon]:
    """Whoever left a note in this folder."""
    return [Daemon(it.stem, note=it, log=Path(os.devnull)) for it in sorted(run.glob("*.json"))]


def stop(daemons: Iterable[Daemon], *, seconds: float) -> None:
    """Asks all at once, waits this long for all together, then ends what is left."""
    daemons = list(daemons)
    for daemon in daemons:
        if pid := daemon.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, daemon.polite)
    wait_until(lambda: not any(daemon.pid for daemon in daemons), seconds=seconds)
    for daemon in daemons:
        daemon.kill_group()
        wait_until(daemon.is_gone, seconds=1)
        daemon.forget()


def wait_until(is_so: Callable[[], object], *, seconds: float, pause: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def in_foreground(
    command: Sequence[Word],
    *,
    env: Mapping[str, str],
    cwd: Path,
    on_stop: signal.Signals = signal.SIGTERM,
) -> int:
    """Lends the terminal to a program. Ctrl-C reaches it by itself, so it is not sent twice.

    SIGINT is caught before the program starts, which then knows it even where a shell without job
    control had us ignore it.
    """
    before = {signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None)}
    child = subprocess.Popen(command, env=env, cwd=cwd)
    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, lambda *_: child.send_signal(on_stop))
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
