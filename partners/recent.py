"""What the ledger says of the last minutes: how many came in each, and through whom the latest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from partners.models import Drive

MINUTES = 60
LINES_LOOKED_AT = 500

# The last hour by the minute, straight from the ledger: an index of times finds its lines.
BY_MINUTE = """
SELECT date_trunc('minute', at) AS minute, sum(amount)::int
FROM partners_credit
WHERE at >= %s AND drive_id = %s AND counts_as = %s AND counted_at IS NOT NULL
GROUP BY 1 ORDER BY 1
"""

# Of the newest lines only: else it would look for ever in a drive that no partner brings people to.
LATEST = """
SELECT partner.name, line.at
FROM (SELECT * FROM partners_credit ORDER BY id DESC LIMIT %s) AS line
JOIN partners_partner AS partner ON partner.id = line.partner_id
WHERE line.drive_id = %s AND line.kind = %s AND line.counted_at IS NOT NULL
ORDER BY line.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Latest:
    """The last sign-up that came through a partner: which partner, and when."""

    partner: str
    at: datetime


def minutes(*, drive: Drive, now: datetime) -> tuple[tuple[datetime, int], ...]:
    """Return the last hour, oldest minute first, empty minutes too."""
    newest = now.replace(second=0, microsecond=0)
    minutes = [newest - timedelta(minutes=back) for back in range(MINUTES - 1, -1, -1)]
    with connection.cursor() as cursor:
        cursor.execute(BY_MINUTE, [minutes[0], drive.id, drive.counts])
        found = dict(cursor.fetchall())
    return tuple((minute, found.get(minute, 0)) for minute in minutes)


def latest(*, drive: Drive) -> Latest | None:
    """Return the latest partner, if one is among the newest LINES_LOOKED_AT lines."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [LINES_LOOKED_AT, drive.id, drive.counts])
        row = cursor.fetchone()
    return Latest(*row) if row else None
