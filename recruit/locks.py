"""The numbers of advisory locks: PostgreSQL has one set of them for all schemas of a database."""

from django.conf import settings

APART = 1_000_000


def key(number: int) -> int:
    """Return this lock's number, or the one of its double: a rehearsal holds up no real fold."""
    return number + APART if settings.IS_REHEARSAL else number
