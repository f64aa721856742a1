"""Which account PostgreSQL runs as: it refuses root, so root lends it a lesser one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recruit.local.refusal import Refusal

LESSER_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @property
    def options(self) -> dict[str, Any]:
        """What makes subprocess start something as this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        answer = subprocess.run(["test", "-x", folder], cwd="/", check=False, **self.options)
        return answer.returncode == 0

    def can_start(self, program: Path) -> bool:
        """Asks the program itself: a mount without exec or a missing library shows here too."""
        try:
            answer = subprocess.run(
                [program, "--version"], cwd="/", check=False, capture_output=True, **self.options
            )
        except OSError:
            return False
        return answer.returncode == 0


def mine() -> Account:
    return Account(os.geteuid(), os.getegid())


def for_postgres(data: Path) -> Account:
    """Whoever owns the data already; else ourselves; else, for root, a lesser account."""
    if os.geteuid() != 0:
        return mine()
    if data.exists() and (status := data.stat()).st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    return lesser()


def lesser() -> Account:
    for name in LESSER_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Refusal(
        "PostgreSQL refuses to run as root and there is no account 'postgres' or 'nobody':"
        " run this as an ordinary user."
    )
