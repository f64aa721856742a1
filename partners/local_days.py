"""The clock that a line of the ledger is counted by: the drive's own, or the person's.

Where a drive keeps local days, a line counts at the hour that the clock of its state showed: half
past eleven at night in California is half past eleven at night on the drive's day. A state reads
one clock, that of most of its people; whose state is not known reads the drive's. docs/drives.md
says what that means in states with two.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from partners.models import Drive
from partners.models.drives import midnight

# Military addresses read the clock of Miami (AA), Germany (AE) and Japan (AP).
ZONES = {
    state: zone
    for zone, states in {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV AA",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Guam": "GU MP",
        "Pacific/Pago_Pago": "AS",
        "Europe/Berlin": "AE",
        "Asia/Tokyo": "AP",
    }.items()
    for state in states.split()
}
_PLACES = ", ".join(f"('{state}', '{zone}')" for state, zone in sorted(ZONES.items()))

# Of a line that `placed` returns: its hour of UTC whatever the session's zone, and its day.
HOUR = "date_trunc('hour', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
DAY = "(moment AT TIME ZONE time_zone)::date"


def placed(lines: str) -> str:
    """Return the query of these lines, each with the `moment` it counts at: the one definition.

    The wall clock of a person goes through the drive's zone, so its date stays what it was. Whose
    clock is the drive's keeps the very instant: an hour that comes twice in autumn is two.
    """
    return f"""(
        SELECT credit.*, drive.time_zone, CASE
            WHEN place.zone IS NULL OR place.zone = drive.time_zone THEN credit.at
            ELSE (credit.at AT TIME ZONE place.zone) AT TIME ZONE drive.time_zone END AS moment
        FROM {lines} AS credit JOIN partners_drive AS drive ON drive.id = credit.drive_id
        LEFT JOIN (VALUES {_PLACES}) AS place (state, zone)
            ON drive.is_local_day AND place.state = credit.state
    )"""  # noqa: S608 - our own words


def runs(*, drive: Drive) -> tuple[datetime, datetime]:
    """Return when the day begins for the first, and ends for the last: not how it is counted."""
    if not drive.is_local_day:
        return drive.span
    zones = [drive.zone, *map(ZoneInfo, set(ZONES.values()))]
    begins = min(midnight(drive.day_on, zone) for zone in zones)
    return begins, max(midnight(drive.next_day_on, zone) for zone in zones)
