"""What the newest lines of the ledger say: through whom the latest came."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from partners.models import Drive

LINES_LOOKED_AT = 500

# Of the newest lines only: else it would look for ever in a drive that no partner brings people to.
# Whoever was taken back or moved since is passed over: a partial index holds the corrections.
LATEST = """
SELECT partner.name, line.at
FROM (SELECT * FROM partners_credit ORDER BY id DESC LIMIT %s) AS line
JOIN partners_partner AS partner ON partner.id = line.partner_id
WHERE line.drive_id = %s AND line.kind = %s AND line.counted_at IS NOT NULL AND 0 <= (
    SELECT COALESCE(sum(amount), 0) FROM partners_credit AS correction
    WHERE correction.candidate_uuid = line.candidate_uuid AND kind IN ('voided', 'reassigned')
        AND counts_as = line.kind AND correction.link_id = line.link_id)
ORDER BY line.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Latest:
    """The last that came through a partner and counts for it: which partner, and when."""

    partner: str
    at: datetime


def latest(*, drive: Drive) -> Latest | None:
    """Return the latest partner, if one is among the newest LINES_LOOKED_AT lines."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [LINES_LOOKED_AT, drive.id, drive.counts])
        row = cursor.fetchone()
    return Latest(*row) if row else None
