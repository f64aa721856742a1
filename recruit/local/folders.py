"""Where a checkout keeps what it makes: everything is under .venv and .local."""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from recruit.local.refusal import Refusal

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
SOCKET_PATH_LIMIT = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Folders:
    checkout: Path
    local: Path

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def log(self) -> Path:
        return self.local / "log"

    @property
    def run(self) -> Path:
        """Locks and notes of what runs."""
        return self.local / "run"

    @property
    def valkey(self) -> Path:
        return self.local / "valkey"

    @property
    def outbox(self) -> Path:
        return self.local / "outbox"

    @property
    def key(self) -> str:
        """Tells this checkout from others wherever several share a folder."""
        return hashlib.sha256(bytes(self.local)).hexdigest()[:12]

    def make(self) -> None:
        refuse_foreign(self.local)
        self.local.mkdir(mode=0o711, exist_ok=True)
        for folder in (self.log, self.run, self.valkey, self.outbox):
            folder.mkdir(mode=0o700, exist_ok=True)

    def socket(self, wanted: Path) -> Path:
        """The wanted folder, or a short one of our own where a socket's path would be too long.

        A comma would be taken for the end of a first of several hosts.
        """
        is_short = len(bytes(wanted / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT
        if is_short and "," not in str(wanted):
            return wanted
        return self.short_sockets / wanted.parent.name

    @property
    def short_sockets(self) -> Path:
        return Path("/tmp") / f"recruit-{os.geteuid()}-{self.key}"  # noqa: S108


def of(checkout: Path) -> Folders:
    return Folders(checkout=checkout, local=checkout / ".local")


def owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def refuse_foreign(path: Path) -> None:
    if path.exists() and path.stat().st_uid != os.geteuid():
        raise Refusal(
            f"{path} belongs to {owner(path)}: run this as {owner(path)},"
            " or remove that folder (and the data in it) and try again."
        )


def refuse_planted(folder: Path, *uids: int) -> os.stat_result:
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode) or status.st_uid not in uids:
        raise Refusal(f"{folder} was made by {owner(folder)}: remove it and try again.")
    return status


def make_private(folder: Path, uid: int, gid: int) -> None:
    """A folder that only this account enters. In /tmp someone else may have been there first."""
    folder.parent.mkdir(mode=0o711, exist_ok=True)
    refuse_planted(folder.parent, os.geteuid())
    folder.mkdir(mode=0o700, exist_ok=True)
    status = refuse_planted(folder, uid, os.geteuid())
    folder.chmod(0o700)
    if status.st_uid != uid:
        os.chown(folder, uid, gid)


def remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
