"""The ledger: a line for everything that happened to a person, and none for nothing."""

from collections.abc import Iterator

from candidates.audit import sums
from candidates.audit.check import Check, count, none

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
    yield from sums.always()
    yield none("hours with more people and bots than visits", count(VISITS_TOO_MANY))
