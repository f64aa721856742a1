"""./run manage and ./run services: the servers without the site."""

import contextlib
import signal
from collections.abc import Sequence

from recruit.local import folders, management, packages, servers, variables
from recruit.local.console import say


def manage(place: folders.Folders, words: Sequence[str]) -> int:
    """./run manage COMMAND: on the servers that run, or on ones that run just as long."""
    place.make()
    packages.ready(place, "local")
    ours = servers.kept(place)
    with servers.shared(place, ours, quietly=True):
        return management.run(place, variables.of(place, ours, mode="demo"), words)


def stay_up(place: folders.Folders, _words: Sequence[str]) -> int:
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
