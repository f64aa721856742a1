"""What ./run and ./test understand."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from recruit.local import folders, locks, packages, refusal, services, site, suite
from recruit.local.refusal import Refusal

CHECKOUT = Path(__file__).resolve().parent.parent.parent
STOPPED_BY_HAND = 130

Command = Callable[[folders.Folders, Sequence[str]], int]


def install(place: folders.Folders, words: Sequence[str]) -> int:
    """./run install development: the virtual environment alone, for an editor or for CI."""
    level = words[0] if words else packages.LEVELS[0]
    if level not in packages.LEVELS:
        raise Refusal(f"./run install takes one of: {', '.join(packages.LEVELS)}.")
    place.make()
    packages.ready(place, level)
    return 0


RUN_COMMANDS: dict[str, Command] = {
    "manage": services.manage,
    "services": services.stay_up,
    "install": install,
    "lock": locks.refresh,
}


def command_for(program: str, words: Sequence[str]) -> tuple[Command, Sequence[str]]:
    if program == "test":
        return suite.run, words
    if words and words[0] in RUN_COMMANDS and not asks_for_help(words):
        return RUN_COMMANDS[words[0]], words[1:]
    return site.run, words


def asks_for_help(words: Sequence[str]) -> bool:
    """Django's commands explain themselves; ours are explained in one place."""
    return words[0] != "manage" and ("-h" in words or "--help" in words)


def stop_once(_number: int, _frame: FrameType | None) -> None:
    """The first signal begins the end; more of them do not disturb it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


def main(program: str, words: Sequence[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Whoever started us with nohup meant it.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop_once)
    command, rest = command_for(program, words)
    try:
        return command(folders.of(CHECKOUT), rest)
    except KeyboardInterrupt:
        return STOPPED_BY_HAND
    except Refusal as answer:
        return refuse(program, answer)
    except OSError as error:
        return refuse(program, refusal.of_system(error))


def refuse(program: str, answer: Refusal) -> int:
    sys.stderr.write(f"./{program}: {answer}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
