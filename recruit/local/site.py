"""./run: the site with everything it needs, from a bare checkout to Ctrl-C."""

import argparse
import contextlib
import hashlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from recruit.local import (
    console,
    folders,
    packages,
    postgres,
    processes,
    servers,
    valkey,
    variables,
    website,
)
from recruit.local.console import say, step
from recruit.local.refusal import Refusal

DEMO_PASSWORD = "demo-only-raise-your-hand"  # noqa: S105  # printed for everyone who runs the demo
HELP = """Starts the site with a PostgreSQL and a Valkey of its own; Ctrl-C stops all of it.

  ./run                     the demo, at http://127.0.0.1:8000
  ./run manage COMMAND      a management command in the same environment
  ./run services            PostgreSQL and Valkey alone
  ./run install LEVEL       the packages alone; LEVEL is local, test or development
  ./run lock [--upgrade]    writes requirements/*.txt anew

DATABASE_URL and REDIS_URL, when set, are used instead of servers of its own."""


def options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="where the site listens (8000)")
    parser.add_argument(
        "--empty", action="store_true", help="no demo data; makes the first staff user"
    )
    parser.add_argument(
        "--reset", action="store_true", help="removes this checkout's data first (asks)"
    )
    return parser.parse_args(words)


def run(place: folders.Folders, words: Sequence[str]) -> int:
    wanted = options(words)
    place.make()
    with only_one(place):
        website.end_leftovers(place)
        website.refuse_taken(wanted.port)
        if wanted.reset:
            reset(place)
        packages.ready(place, "local")
        variables.note_address(place, wanted.port)
        return serve(place, wanted)


def serve(place: folders.Folders, wanted: argparse.Namespace) -> int:
    ours = servers.kept(place)
    with servers.shared(place, ours):
        env = variables.of(place, ours, mode="demo")
        prepare(place, env, is_empty=wanted.empty)
        site = website.Website(place, ours, env, wanted.port)
        try:
            site.start()
            announce(place, env["BASE_URL"])
            site.watch()
        except KeyboardInterrupt:
            say("\nStopping.")
        finally:
            site.stop()
    return 0


@contextlib.contextmanager
def only_one(place: folders.Folders) -> Iterator[None]:
    with (place.run / "site.lock").open("a+") as lock:
        if not servers.held(lock):
            raise Refusal(
                f"The site already runs from this folder, at {variables.address(place)}:"
                " stop that one first (Ctrl-C in its terminal)."
            )
        yield


def prepare(place: folders.Folders, env: dict[str, str], *, is_empty: bool) -> None:
    call(place, env, "migrate", "--verbosity", "0")
    step("The database is migrated")
    fill(place, env, is_empty=is_empty)


def contents(place: folders.Folders, database_url: str) -> Path:
    """Remembers what the database holds. Our own moves with this folder, others are told apart."""
    if not os.environ.get("DATABASE_URL"):
        return place.local / "contents"
    return place.local / f"contents-{hashlib.sha256(database_url.encode()).hexdigest()[:12]}"


def fill(place: folders.Folders, env: dict[str, str], *, is_empty: bool) -> None:
    """The demo, or the first staff user, once for each database."""
    note = contents(place, env["DATABASE_URL"])
    if not note.exists():
        note.write_text("empty, staff owed" if is_empty else "demo owed")
    owed = note.read_text()
    if is_empty and owed.startswith("demo"):
        raise Refusal(
            "This folder already holds the demo: ./run --reset --empty removes it and begins again."
        )
    if owed == "demo owed":
        call(place, env, "load_demo")
        note.write_text("demo")
    if owed == "empty, staff owed":
        call(place, env, "create_staff")
        note.write_text("empty")


def call(place: folders.Folders, env: dict[str, str], *words: str) -> None:
    """A management command, in the terminal of the person; its failure is ours."""
    if manage_py(place, env, words) != 0:
        raise Refusal(f"'manage {words[0]}' failed; what it says is above.")


def manage_py(place: folders.Folders, env: dict[str, str], words: Sequence[str]) -> int:
    command = [place.python, place.checkout / "manage.py", *words]
    return processes.in_foreground(command, env=env, cwd=place.checkout)


def announce(place: folders.Folders, address: str) -> None:
    step("Everything is up")
    say()
    console.table(
        [
            ("The public page", f"{address}/"),
            ("The big screen", f"{address}/live/"),
            ("For partners", f"{address}/partners/"),
            ("For staff", f"{address}/admin/"),
            ("Mail that was sent", f"{address}/outbox/"),
        ]
    )
    if not (place.local / "contents").exists() or "demo" in (place.local / "contents").read_text():
        say()
        console.table(
            [
                ("Staff log-in", f"staff@example.org      {DEMO_PASSWORD}"),
                ("Partner log-in", f"organiser@example.org  {DEMO_PASSWORD}"),
            ]
        )
    say(f"\nLogs are in {place.log}. Ctrl-C stops everything.")


def reset(place: folders.Folders) -> None:
    """Removes the data of this checkout's own servers; never touches a server named by its URL."""
    sys.stdout.write(f"This removes all data in {place.local}. Type yes to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise Refusal("Nothing was removed.")
    if not servers.nobody_inside(place):
        raise Refusal("Another ./run command uses the data at the moment: end that one first.")
    ours = servers.leftovers(place)
    ours.stop()
    for folder in (ours.postgres.home, place.valkey, place.outbox):
        folders.remove(folder)
    for note in place.local.glob("contents*"):
        note.unlink()
    place.make()
    step("The data was removed")


def manage(place: folders.Folders, words: Sequence[str]) -> int:
    """./run manage COMMAND: on the servers that run, or on ones that run just as long."""
    place.make()
    packages.ready(place, "local")
    ours = servers.kept(place)
    with servers.shared(place, ours, quietly=True):
        return manage_py(place, variables.of(place, ours, mode="demo"), words)


def services(place: folders.Folders, _words: Sequence[str]) -> int:
    """./run services: PostgreSQL and Valkey until Ctrl-C, and the variables that lead to them."""
    place.make()
    packages.ready(place, "local")
    ours = servers.kept(place)
    with servers.shared(place, ours):
        for name, value in ours.variables.items():
            say(f"export {name}='{value}'")
        say("export RECRUIT_MODE=demo")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0
