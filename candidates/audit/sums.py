"""Every sum that is drawn from the ledger, added up anew, line by line, in this process."""

from collections import Counter
from collections.abc import Iterator

from candidates.audit.check import Check, rows
from partners.local_days import ZONES

# Minutes and hours since 1970, of UTC by definition: the tallies' own way to cut a time is not
# used. Where everyone has their own day, days since 1970: all that is promised of the hours is
# their day.
LEDGER = """
SELECT drive_id, COALESCE(link_id, 0), COALESCE(partner_id, 0), counts_as, state, (CASE
        WHEN is_local_day THEN at AT TIME ZONE COALESCE(zone, time_zone)
        ELSE at AT TIME ZONE time_zone END)::date - DATE '1970-01-01',
    floor(extract(epoch FROM at) / 60)::bigint, is_local_day, amount
FROM partners_credit JOIN partners_drive AS drive ON drive.id = drive_id
LEFT JOIN unnest(%s::text[], %s::text[]) AS clock (place, zone) ON place = state
"""
TALLIES = """
SELECT drive_id, COALESCE(link_id, 0), COALESCE(partner_id, 0), kind, CASE
        WHEN is_local_day THEN (hour_at AT TIME ZONE time_zone)::date - DATE '1970-01-01'
        ELSE floor(extract(epoch FROM hour_at) / 3600)::bigint END, value
FROM partners_tally JOIN partners_drive AS drive ON drive.id = drive_id
"""
TOTALS = """
SELECT drive_id, COALESCE(link_id, 0), COALESCE(partner_id, 0), kind, value FROM partners_total
"""
STATES = """
SELECT drive_id, kind, state, day_on - DATE '1970-01-01', value FROM partners_statetally
"""
MINUTES = """
SELECT drive_id, kind, floor(extract(epoch FROM minute_at) / 60)::bigint, value
FROM partners_minutetally
"""

Sums = Counter[tuple[object, ...]]


def always() -> Iterator[Check]:
    hours, in_all, states, minutes = _of_the_ledger()
    tallies = _kept(TALLIES)
    yield _equal("tallies", hours, tallies)
    yield Check("sum of all tallies", hours.total(), tallies.total())
    yield _equal("totals", in_all, _kept(TOTALS))
    yield _equal("days of states", states, _kept(STATES))
    yield _equal("minutes", minutes, _kept(MINUTES))


def _of_the_ledger() -> tuple[Sums, Sums, Sums, Sums]:
    hours, in_all, states, minutes = Sums(), Sums(), Sums(), Sums()
    for line in rows(LEDGER, [list(ZONES), list(ZONES.values())]):
        drive, link, partner, kind, state, day, minute, is_local, amount = line
        hours[drive, link, partner, kind, day if is_local else minute // 60] += amount
        in_all[drive, link, partner, kind] += amount
        states[drive, kind, state, day] += amount
        minutes[drive, kind, minute] += amount
    return hours, in_all, states, minutes


def _kept(statement: str) -> Sums:
    kept = Sums()
    for *place, value in rows(statement):
        kept[tuple(place)] += value
    return kept


def _equal(name: str, counted: Sums, kept: Sums) -> Check:
    places = counted.keys() | kept.keys()
    right = sum(counted[place] == kept[place] for place in places)
    return Check(f"{name} that equal a count of the ledger", len(places), right)
