"""The ledger, and every sum that is drawn from it."""

from collections import Counter
from collections.abc import Iterator

from candidates.audit.check import Check, count, none, rows

KIND_WITHOUT_PERSON = """
SELECT count(*) FROM partners_credit AS credit
LEFT JOIN candidates_candidate AS person ON person.id = credit.candidate_uuid
WHERE credit.kind = '{kind}' AND (person.id IS NULL OR NOT ({who}))
"""
PERSON_WITHOUT_KIND = """
SELECT count(*) FROM candidates_candidate AS person
WHERE {who} AND (
    SELECT count(*) FROM partners_credit AS credit
    WHERE credit.candidate_uuid = person.id AND credit.kind = '{kind}' AND credit.amount = 1) <> 1
"""
# Hours since 1970, of UTC by definition: the tally's own way to cut a time is not used.
LEDGER = """
SELECT drive_id, COALESCE(link_id, 0), COALESCE(partner_id, 0), counts_as,
    floor(extract(epoch FROM at) / 3600)::bigint, amount
FROM partners_credit
"""
TALLIES = """
SELECT drive_id, COALESCE(link_id, 0), COALESCE(partner_id, 0), kind,
    floor(extract(epoch FROM hour_at) / 3600)::bigint, value
FROM partners_tally
"""
WRONG_PARTNER = """
SELECT count(*) FROM partners_credit AS credit
LEFT JOIN partners_referrallink AS link ON link.id = credit.link_id
WHERE credit.partner_id IS DISTINCT FROM link.partner_id
"""
VISITS_TOO_MANY = """
SELECT count(*) FROM partners_visittally WHERE bots + "unique" > raw
"""
WHO = {"signed_up": "TRUE", "confirmed": "person.confirmed_at IS NOT NULL"}


def always() -> Iterator[Check]:
    for kind, who in WHO.items():
        people = count(f"SELECT count(*) FROM candidates_candidate AS person WHERE {who}")  # noqa: S608 - our own words
        without = count(PERSON_WITHOUT_KIND.format(kind=kind, who=who))
        yield Check(f"people with one credit: {kind}", people, people - without)
        yield none(
            f"credits of nobody: {kind}", count(KIND_WITHOUT_PERSON.format(kind=kind, who=who))
        )
    yield none("credits of a link given to another partner", count(WRONG_PARTNER))
    waiting = "SELECT count(*) FROM partners_credit WHERE counted_at IS NULL"
    yield none("credits still uncounted", count(waiting))
    yield from _sums()
    yield none("hours with more people and bots than visits", count(VISITS_TOO_MANY))


def _sums() -> Iterator[Check]:
    """Add the whole ledger up anew, line by line, in this process."""
    ledger: Counter[tuple[object, ...]] = Counter()
    for *place, amount in rows(LEDGER):
        ledger[tuple(place)] += amount
    tallies = {tuple(place): value for *place, value in rows(TALLIES)}
    places = ledger.keys() | tallies.keys()
    right = sum(ledger[place] == tallies.get(place, 0) for place in places)
    yield Check("tallies that equal a count of the ledger", len(places), right)
    yield Check("sum of all tallies", sum(ledger.values()), sum(tallies.values()))
