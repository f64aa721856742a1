"""What the newest lines of the ledger say: through whom the latest came."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from partners.models import Drive

LINES_LOOKED_AT = 500

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


def latest(*, drive: Drive) -> Latest | None:
    """Return the latest partner, if one is among the newest LINES_LOOKED_AT lines."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [LINES_LOOKED_AT, drive.id, drive.counts])
        row = cursor.fetchone()
    return Latest(*row) if row else None
