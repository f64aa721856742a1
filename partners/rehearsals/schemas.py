"""The schemas of a rehearsal: a draft while it is made, then the one that it runs on, then gone.

A rename is one moment for everybody: nobody sees half a rehearsal, whether it comes or goes.
"""

from django.conf import settings
from django.db import connection

from partners.models import Rehearsal

FIND = "SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY nspname"


def live() -> str:
    return settings.REHEARSAL_SCHEMA


def draft(rehearsal: Rehearsal) -> str:
    """Name another one for each attempt: a worker that was slow must not meddle with the next."""
    return f"{live()}_draft_{rehearsal.pk}_{rehearsal.attempts}"


def gone(rehearsal: Rehearsal) -> str:
    return f"{live()}_gone_{rehearsal.pk}"


def exists(name: str) -> bool:
    return bool(_found(f"^{name}$"))


def leftovers(*kinds: str) -> list[str]:
    """Return the schemas of these kinds (draft, gone), whosever they were."""
    return _found(f"^{live()}_({'|'.join(kinds)})_[0-9_]+$")


def _found(pattern: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(FIND, [pattern])
        return [name for (name,) in cursor.fetchall()]


def create(name: str) -> None:
    _run(f"CREATE SCHEMA {_quoted(name)}")


def rename(old: str, new: str) -> None:
    _run(f"ALTER SCHEMA {_quoted(old)} RENAME TO {_quoted(new)}")


def drop(name: str) -> None:
    _run(f"DROP SCHEMA IF EXISTS {_quoted(name)} CASCADE")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
