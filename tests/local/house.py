"""A checkout to start and to kill: the real ./run and recruit/local around a tiny site."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 90
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "RECRUIT_MODE",
    "RECRUIT_REHEARSAL",
    "REHEARSAL_URL",
    "BASE_URL",
    "OUTBOX_DIR",
    "PYTHONPATH",
    "DJANGO_SETTINGS_MODULE",
)

ORDINARY = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
)  # fmt: skip

SITE = {
    "recruit/__init__.py": '"""Needs Celery, like the real one."""\nimport celery\n',
    "recruit/celery.py": """
import os
from celery import Celery
app = Celery("recruit", broker="redis+socket" + os.environ["REDIS_URL"].removeprefix("unix"))
""",
    "recruit/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
""",
    "manage.py": """
import os, sys
import psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as line:
    match sys.argv[1:]:
        case ["migrate", *_]:
            line.execute("create table if not exists said (word text)")
        case ["load_demo"]:
            line.execute("insert into said values ('demo')")
        case ["create_staff"]:
            line.execute("insert into said values ('staff')")
        case ["say", word]:
            line.execute("insert into said values (%s)", [word])
        case ["recall"]:
            print("said:", *sorted(word for (word,) in line.execute("select word from said")))
        case ["fail"]:
            sys.exit(7)
""",
}


def build(folder: Path) -> None:
    for name in ("run", "test"):
        shutil.copy2(CHECKOUT / name, folder / name)
    for name in ("recruit/local", "requirements"):
        shutil.copytree(
            CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name, text in SITE.items():
        (folder / name).write_text(text)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Run:
    """One ./run that somebody started."""

    process: subprocess.Popen[str]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    def is_up(self) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if "Everything is up" in self.said:
                return True
            time.sleep(0.05)
        return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """The seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE_SECONDS)
        return time.monotonic() - began


@dataclass
class House:
    folder: Path
    prefix: tuple[str, ...] = ()
    runs: list[Run] = field(default_factory=list)

    def become_ordinary(self) -> None:
        """From here on the house is someone's who is not root.

        The capability lets that account read a Python that only root could reach; it makes nobody
        root, and PostgreSQL looks at the number alone.
        """
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                pytest.skip("NO ORDINARY USER TO BE: setpriv is missing here")
            subprocess.run(["chown", "-R", "65534:65534", self.folder], check=True)
            self.prefix = ORDINARY

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        # The real interpreter, for a virtual environment's own has no business in making another.
        return kept | {"PYTHON": str(Path(sys.base_prefix) / "bin" / "python3")}

    def test(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Their ./test, not ours."""
        return subprocess.run(
            ["./test", *words],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    def call(self, *words: str, answer: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.prefix, "./run", *words],
            cwd=self.folder,
            env=self.env | env,
            input=answer,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    def start(self, *words: str, answer: str = "") -> Run:
        output = self.folder / f"output-{len(self.runs)}"
        with output.open("w") as file:
            process = subprocess.Popen(
                [*self.prefix, "./run", "--port", str(free_port()), *words],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
                text=True,
            )
        assert process.stdin
        with process.stdin as typed:
            typed.write(answer)
        self.runs.append(Run(process, output))
        return self.runs[-1]

    def inhabitants(self) -> dict[int, str]:
        """Every living process that has to do with this folder, whoever started it."""
        return {
            int(entry.name): command(entry)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._lives_here(entry)
        }

    def _lives_here(self, entry: Path) -> bool:
        with contextlib.suppress(OSError):
            signs = (entry / "cmdline").read_bytes() + bytes((entry / "cwd").readlink())
            return bytes(self.folder) in signs
        return False

    def kill_everyone(self) -> None:
        # One that was being born during the first look is there in the second.
        while inhabitants := self.inhabitants():
            for pid in inhabitants:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        for run in self.runs:
            run.process.wait(PATIENCE_SECONDS)


def command(entry: Path) -> str:
    return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
