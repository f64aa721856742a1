"""./test: the whole suite, on servers that live just as long and never see the demo's data."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from recruit.local import folders, packages, processes, servers, variables
from recruit.local.console import say

HELP = """Runs the tests on a throw-away PostgreSQL and Valkey; the demo's data is never touched.

  ./test                    everything
  ./test -k name            any of pytest's own options (./test -h lists them)

Browser tests need Chromium: found on PATH, or named by CHROMIUM=/path/to/chromium.
DATABASE_URL and REDIS_URL, when set, are used instead of throw-away servers."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PREFIX = "recruit-test-"
NO_BROWSER = (
    "\n*** No Chromium was found: THE BROWSER TESTS ARE SKIPPED. Install it (Debian, Ubuntu:"
    " apt-get install chromium) or name it with CHROMIUM=/path/to/chromium. ***\n"
)


def run(place: folders.Folders, words: Sequence[str]) -> int:
    if "--help" in words:
        say(HELP)
        return 0
    place.make()
    packages.ready(place, "test")
    sweep()
    with throw_away_folders(place.checkout) as temporary:
        ours = servers.throw_away(temporary)
        with servers.shared(temporary, ours, quietly=True):
            return pytest(place, variables.of(temporary, ours, mode="test"), words)


def pytest(place: folders.Folders, env: dict[str, str], words: Sequence[str]) -> int:
    browser = env.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser:
        env["CHROMIUM"] = browser
    else:
        say(NO_BROWSER)
    command: list[processes.Word] = [place.python, "-m", "pytest", *words]
    # On SIGINT pytest still takes its fixtures down, browsers included; on SIGTERM it would not.
    code = processes.in_foreground(command, env=env, cwd=place.checkout, on_stop=signal.SIGINT)
    if not browser:
        say(NO_BROWSER)
    return code


@contextlib.contextmanager
def throw_away_folders(checkout: Path) -> Iterator[folders.Folders]:
    local = Path(tempfile.mkdtemp(prefix=PREFIX, dir=temporary_folder()))
    with (local / "alive.lock").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            temporary = folders.Folders(checkout=checkout, local=local)
            local.chmod(0o711)
            temporary.make()
            yield temporary
        finally:
            shutil.rmtree(local)


def sweep() -> None:
    """Ends and removes what an earlier ./test that was killed left behind."""
    for local in temporary_folder().glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):  # another ./test has just removed its own
            sweep_one(local)


def sweep_one(local: Path) -> None:
    if local.stat().st_uid == os.geteuid() and (local / "alive.lock").exists():
        with (local / "alive.lock").open("w") as alive:
            if servers.held(alive):
                left = folders.Folders(checkout=local, local=local)
                processes.stop(processes.noted(left.run), seconds=servers.STOP_SECONDS)
                servers.remove(left)
                shutil.rmtree(local)


def temporary_folder() -> Path:
    """Sockets need a short path, so a deep TMPDIR is not used."""
    wanted = Path(tempfile.gettempdir())
    return wanted if len(str(wanted)) < 30 else Path("/tmp")  # noqa: S108
