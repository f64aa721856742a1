"""How long a receiver asks us to wait: Retry-After, in seconds or as a date (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# As long as we ever wait of our own: nobody's clock keeps an event for a year.
LONGEST = timedelta(hours=8)


def asked(*, retry_after: str, now: datetime) -> timedelta:
    """Return how long; nothing where nothing is asked, or nothing that anybody could read."""
    return min(max(_read(retry_after.strip(), now), timedelta()), LONGEST)


def _read(words: str, now: datetime) -> timedelta:
    if words.isascii() and words.isdigit():
        return timedelta(seconds=min(int(words), LONGEST.total_seconds()))
    try:
        until = parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError):
        return timedelta()
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
