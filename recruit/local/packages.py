"""The virtual environment, with just what a lock says in it."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from recruit.local import console, folders, refusal
from recruit.local.refusal import Refusal

# Each holds all of the one before, at the same versions, so one environment serves them all.
LEVELS = ("local", "test", "development")
NEEDED_BYTES = 700_000_000
NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "NewConnectionError",
    "Network is unreachable",
    "Connection refused",
    "dns error",
    "ConnectTimeoutError",
    "error sending request",
)


def ready(place: folders.Folders, level: str) -> None:
    """The environment holds at least this level's packages; costs nothing when it already does."""
    with (place.run / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not works(place):
            folders.refuse_foreign(place.venv)
            make(place)
        level = max(level, installed_level(place), key=LEVELS.index)
        if mark(place).read_text() != stamp(place, level):
            folders.refuse_foreign(place.venv)
            if not installers(place):
                make(place)
            install(place, level)


def works(place: folders.Folders) -> bool:
    """Whether its Python still starts (it may have been removed) and is the one asked for."""
    wanted = f"{sys.version_info[0]}.{sys.version_info[1]}" if os.environ.get("PYTHON") else ""
    question = (
        "import sys; v = sys.version_info; sys.exit(v < (3, 11)"
        f" or {wanted!r} not in ('', f'{{v[0]}}.{{v[1]}}'))"
    )
    try:
        answer = subprocess.run([place.python, "-c", question], check=False, capture_output=True)
    except OSError:
        return False
    return answer.returncode == 0 and mark(place).exists()


def make(place: folders.Folders) -> None:
    free = shutil.disk_usage(place.checkout).free
    if free < NEEDED_BYTES:
        raise Refusal(f"Only {free // 1_000_000} MB are free here. {refusal.SPACE}")
    console.step(f"Making a virtual environment with Python {sys.version.split()[0]} in .venv")
    folders.remove(place.venv)
    run(place, venv_command(place), "The virtual environment could not be made")
    mark(place).touch()


def venv_command(place: folders.Folders) -> list[str]:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return [sys.executable, "-m", "venv", str(place.venv)]
    if uv := shutil.which("uv"):
        return [uv, "venv", "--quiet", "--python", sys.executable, str(place.venv)]
    name = f"python3.{sys.version_info[1]}-venv"
    raise Refusal(
        f"This Python can't make virtual environments: install its venv module"
        f" (Debian, Ubuntu: apt-get install {name}) and try again."
    )


def install(place: folders.Folders, level: str) -> None:
    lock = lock_of(place, level)
    count = sum("==" in line for line in lock.read_text().splitlines())
    console.step(f"Installing the {count} packages of requirements/{lock.name}")
    mark(place).write_text("")
    words = ["--require-hashes", "-r", str(lock)]
    run_one(place, [[*command, *words] for command in installers(place)])
    mark(place).write_text(stamp(place, level))


def installers(place: folders.Folders) -> list[list[str]]:
    """uv, which is fast; then pip, which knows mirrors that only pip was told of."""
    found = []
    if uv := shutil.which("uv"):
        python = ["--python", str(place.python)]
        found.append([uv, "pip", "install", "--compile-bytecode", *python])
    if any(place.venv.glob("lib/python3*/site-packages/pip")):
        pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        found.append([str(place.python), *pip])
    return found


def run_one(place: folders.Folders, commands: list[list[str]]) -> None:
    """The first that works; the last one's failure is the one told."""
    trouble = "The packages could not be installed"
    for command in commands[:-1]:
        try:
            return run(place, command, trouble)
        except Refusal:
            console.step(f"{Path(command[0]).name} could not; trying the next way")
    return run(place, commands[-1], trouble)


def run(place: folders.Folders, command: list[str], trouble: str) -> None:
    log = place.log / "install.log"
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=place.checkout
        ) as program,
        log.open("w") as copy,
    ):
        for line in program.stdout or ():
            copy.write(line)
            console.progress(progress_of(line))
    console.progress_done()
    if program.returncode:
        raise failure(log, trouble)


def progress_of(line: str) -> str:
    return line.strip().partition(" (from")[0]


def failure(log: Path, trouble: str) -> Refusal:
    text = log.read_text()
    if any(sign in text for sign in NO_NETWORK):
        return Refusal(
            "The package registry can't be reached: connect to the network"
            " (or set your proxy or mirror for pip) and try again."
        )
    tail = console.last_lines(log, 5)
    return refusal.of_log(text) or Refusal(
        f"{trouble}: read why in {log}, put it right and try again.\n{tail}"
    )


def mark(place: folders.Folders) -> Path:
    """Says which lock was installed, to the end."""
    return place.venv / "installed"


def installed_level(place: folders.Folders) -> str:
    level = mark(place).read_text().partition(" ")[0]
    return level if level in LEVELS else LEVELS[0]


def stamp(place: folders.Folders, level: str) -> str:
    return f"{level} {hashlib.sha256(lock_of(place, level).read_bytes()).hexdigest()}"


def lock_of(place: folders.Folders, level: str) -> Path:
    return place.checkout / "requirements" / f"{level}.txt"
