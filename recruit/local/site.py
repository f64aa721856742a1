"""./run: the site with everything it needs, from a bare checkout to Ctrl-C."""

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence

from recruit.local import (
    console,
    contents,
    folders,
    management,
    packages,
    servers,
    variables,
    website,
)
from recruit.local.console import say, step
from recruit.local.refusal import Refusal

DEMO_PASSWORD = "demo-only-raise-your-hand"  # noqa: S105  # printed for everyone who runs the demo
HELP = """Starts the site with a PostgreSQL and a Valkey of its own; Ctrl-C stops all of it.

  ./run                     the demo, at http://127.0.0.1:8000
  ./run --rehearsal         with what it takes to rehearse a drive, at the port after it
  ./run manage COMMAND      a management command in the same environment
  ./run services            PostgreSQL and Valkey alone
  ./run install LEVEL       the packages alone; LEVEL is local, test or development
  ./run lock [--upgrade]    writes requirements/*.txt anew

DATABASE_URL and REDIS_URL, when set, are used instead of servers of its own."""


def options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port, default=8000, help="where the site listens (8000)")
    parser.add_argument(
        "--empty", action="store_true", help="no demo data; makes the first staff user"
    )
    parser.add_argument(
        "--rehearsal", action="store_true", help="rehearsals, too, at the port after it"
    )
    parser.add_argument(
        "--reset", action="store_true", help="removes this checkout's data first (asks)"
    )
    return parser.parse_args(words)


def port(word: str) -> int:
    if not word.isdigit() or not 0 < int(word) < 65536:
        raise argparse.ArgumentTypeError(f"{word} is not a port: take a number from 1 to 65535")
    return int(word)


def run(place: folders.Folders, words: Sequence[str]) -> int:
    wanted = options(words)
    place.make()
    with only_one(place):
        website.end_leftovers(place)
        for port in ports(wanted):
            website.refuse_taken(port)
        if wanted.reset:
            contents.reset(place)
        packages.ready(place, "local")
        variables.note_address(place, wanted.port)
        return serve(place, wanted)


def serve(place: folders.Folders, wanted: argparse.Namespace) -> int:
    ours = servers.kept(place)
    with servers.shared(place, ours):
        env = variables.of(place, ours, mode="demo")
        management.call(place, env, "migrate", "--verbosity", "0")
        step("The database is migrated")
        contents.fill(place, env, is_empty=wanted.empty)
        sites = [website.Website(place, ours, env, wanted.port)]
        if wanted.rehearsal:
            sites.append(rehearsal(place, ours, env, wanted.port + 1))
        try:
            for site in sites:
                site.start()
            announce(place, env, with_rehearsal=wanted.rehearsal)
            website.watch(sites)
        except KeyboardInterrupt:
            say("\nStopping.")
        finally:
            for site in sites:
                site.stop()
    return 0


def ports(wanted: argparse.Namespace) -> list[int]:
    return [wanted.port, wanted.port + 1] if wanted.rehearsal else [wanted.port]


def rehearsal(
    place: folders.Folders, ours: servers.Servers, env: Mapping[str, str], port: int
) -> website.Website:
    """The same program once more, which knows of nothing but the rehearsal."""
    there = {**env, "RECRUIT_REHEARSAL": "on"}
    return website.Website(place, ours, there, port, prefix=website.REHEARSAL)


@contextlib.contextmanager
def only_one(place: folders.Folders) -> Iterator[None]:
    with (place.run / "site.lock").open("a+") as lock:
        if not servers.held(lock):
            raise Refusal(
                f"The site already runs from this folder, at {variables.address(place)}:"
                " stop that one first (Ctrl-C in its terminal)."
            )
        yield


def announce(
    place: folders.Folders, env: Mapping[str, str], *, with_rehearsal: bool = False
) -> None:
    address = env["BASE_URL"]
    places = [
        ("The public page", f"{address}/"),
        ("The big screen", f"{address}/live/"),
        ("For partners", f"{address}/partners/"),
        ("For staff", f"{address}/admin/"),
        ("Mail that was sent", f"{address}/outbox/"),
    ]
    if with_rehearsal:
        places.append(("For rehearsals", f"{env['REHEARSAL_URL']}/"))
    step("Everything is up")
    say()
    console.table(places)
    if contents.is_demo(place):
        say()
        console.table(
            [
                ("Staff log-in", f"staff@example.org      {DEMO_PASSWORD}"),
                ("Partner log-in", f"organiser@example.org  {DEMO_PASSWORD}"),
            ]
        )
    say(f"\nLogs are in {place.log}. Ctrl-C stops everything.")
