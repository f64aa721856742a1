"""Which migrations a schema has, and which ones this version of the program brings."""

from functools import lru_cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader

Migrations = frozenset[tuple[str, str]]


@lru_cache
def brought() -> Migrations:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def applied(*, schema: str) -> Migrations | None:
    """Return the migrations of this schema; None where there is none, or nothing in it."""
    table = f"{connection.ops.quote_name(schema)}.django_migrations"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"SELECT app, name FROM {table}")  # noqa: S608 - the name is quoted
        return frozenset(cursor.fetchall())
