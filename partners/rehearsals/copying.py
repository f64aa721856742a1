"""What a rehearsal begins with: rows of the real day, copied; its drive's day is today."""

from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from partners.models import Drive
from recruit.rehearsal.tables import COPIED

COLUMNS = """
SELECT column_name::text FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
# Empty tables tell no number; the next one of a copied table must be behind those that came along.
GO_ON = """
SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(max(id), 1)) FROM {table}
"""
HAS_NUMBERS = "SELECT pg_get_serial_sequence(%s, 'id') IS NOT NULL"
TODAY = """
UPDATE {schema}.partners_drive SET day_on = %(today)s, last_day_on = last_day_on + %(later)s,
    opens_at = %(now)s, closes_at = NULL
"""
UNREACHED = """
UPDATE {schema}.partners_milestone SET reached_at = NULL, reached_value = NULL,
    reached_by_id = NULL, announced_at = NULL
"""


def copy(*, drive: Drive, schema: str, now: datetime) -> None:
    """Fill these tables; to be called in a transaction that sees one moment of the real day.

    Triggers of ours rest meanwhile: what one of them would write is copied as well.
    """
    with connection.cursor() as cursor:
        _switch_triggers(cursor, schema, "DISABLE")
        for table in reversed(COPIED):
            cursor.execute(f"DELETE FROM {_name(schema, table)}")  # noqa: S608 - names of ours
        for table, which in COPIED.items():
            _copy_table(cursor, schema, table, which, drive)
        _set_the_day(cursor, schema, drive, now)
        # What hangs on a foreign key is checked now: no table is altered while a check is due.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _switch_triggers(cursor, schema, "ENABLE")


def _switch_triggers(cursor: CursorWrapper, schema: str, how: str) -> None:
    for table in COPIED:
        cursor.execute(f"ALTER TABLE {_name(schema, table)} {how} TRIGGER USER")


def _copy_table(cursor: CursorWrapper, schema: str, table: str, which: str, drive: Drive) -> None:
    cursor.execute(COLUMNS, [schema, table])
    columns = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
    # reached_by points to a line of the ledger, which stays behind.
    chosen = columns
    if table == "partners_milestone":
        chosen = columns.replace('"reached_by_id"', "NULL")
    into, where = _name(schema, table), f" WHERE {which}" if which else ""
    cursor.execute(
        f"INSERT INTO {into} ({columns}) SELECT {chosen} FROM {table}{where}",  # noqa: S608
        {"drive": drive.pk},
    )
    cursor.execute(HAS_NUMBERS, [into])
    if cursor.fetchone()[0]:
        cursor.execute(GO_ON.format(table=into), [into])


def _set_the_day(cursor: CursorWrapper, schema: str, drive: Drive, now: datetime) -> None:
    today = now.astimezone(drive.zone).date()
    later = (today - drive.day_on).days
    cursor.execute(
        TODAY.format(schema=connection.ops.quote_name(schema)),
        {"today": today, "later": later, "now": now},
    )
    cursor.execute(UNREACHED.format(schema=connection.ops.quote_name(schema)))


def _name(schema: str, table: str) -> str:
    return f"{connection.ops.quote_name(schema)}.{table}"
