"""People: one row for each, with all that was promised beside it."""

from collections.abc import Iterator, Mapping

from candidates.audit.check import Check, count, none, rows
from candidates.replay.history import History

NO_CONSENT = """
SELECT count(*) FROM candidates_candidate AS person WHERE NOT EXISTS (
    SELECT 1 FROM candidates_consent AS consent
    WHERE consent.candidate_id = person.id AND consent.purpose = 'contact')
"""
SEEN_TWICE = """
SELECT count(*) FROM (
    SELECT 1 FROM candidates_consent AS consent
    JOIN candidates_candidate AS person ON person.id = consent.candidate_id
    WHERE consent.purpose = 'share' AND consent.withdrawn_at IS NULL
        AND consent.set_aside_at IS NULL
    GROUP BY consent.partner_id, coalesce(person.merged_into_id, person.id)
    HAVING count(*) > 1
) AS twins
"""
SAME_ADDRESS = """
SELECT count(*) FROM (
    SELECT 1 FROM candidates_candidate GROUP BY lower(btrim(email)) HAVING count(*) > 1
) AS twins
"""
SAME_PHONE = """
SELECT count(*) FROM (
    SELECT 1 FROM candidates_candidate WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1
) AS twins
"""
FIRST_MISSING = """
SELECT count(*) FROM candidates_candidate AS person
WHERE {who} AND (
    SELECT count(*) FROM candidates_followup AS followup
    JOIN candidates_step AS step ON step.id = followup.step_id AND step.number = 1
    JOIN candidates_sequence AS sequence ON sequence.id = step.sequence_id
    WHERE followup.candidate_id = person.id AND sequence.slug = '{slug}') <> 1
"""
TOO_MUCH = """
SELECT count(*) FROM candidates_followup AS followup
JOIN candidates_step AS step ON step.id = followup.step_id
JOIN candidates_sequence AS sequence ON sequence.id = step.sequence_id
JOIN candidates_candidate AS person ON person.id = followup.candidate_id
WHERE (followup.sent_at IS NOT NULL AND NOT sequence.is_for_unconfirmed
        AND person.confirmed_at IS NULL)
    OR (sequence.slug = 'welcome' AND person.confirmed_at IS NULL)
    OR (sequence.is_for_unconfirmed AND step.number > 1
        AND followup.due_at < person.signed_up_at + interval '24 hours')
"""
# A mail that left is followed by the next one of its sequence, if there was one already.
THREAD_LOST = """
SELECT count(*) FROM candidates_followup AS followup
JOIN candidates_step AS step ON step.id = followup.step_id
WHERE followup.state = 'sent'
    AND EXISTS (
        SELECT 1 FROM candidates_step AS later
        WHERE later.sequence_id = step.sequence_id AND later.number > step.number
            AND later.removed_at IS NULL AND later.added_at < followup.sent_at)
    AND NOT EXISTS (
        SELECT 1 FROM candidates_followup AS next
        JOIN candidates_step AS later ON later.id = next.step_id
        WHERE next.candidate_id = followup.candidate_id
            AND later.sequence_id = step.sequence_id AND later.number > step.number)
"""
MERGED_AND_COUNTED = """
SELECT count(*) FROM candidates_candidate AS person
WHERE person.merged_into_id IS NOT NULL AND (
    SELECT sum(credit.amount) FROM partners_credit AS credit
    WHERE credit.candidate_uuid = person.id AND credit.counts_as = 'signed_up') > 0
"""
MERGED_TWICE = """
SELECT count(*) FROM candidates_candidate AS person
JOIN candidates_candidate AS other ON other.id = person.merged_into_id
WHERE other.merged_into_id IS NOT NULL
"""
OF_THE_DRIVE = """
SELECT lower(person.email), COALESCE(link.code, ''), person.confirmed_at IS NOT NULL,
    (SELECT count(*) FROM candidates_followup AS followup
     JOIN candidates_step AS step ON step.id = followup.step_id
     JOIN candidates_sequence AS sequence ON sequence.id = step.sequence_id
     WHERE followup.candidate_id = person.id AND sequence.is_for_unconfirmed
         AND step.number > 1 AND followup.due_at < person.signed_up_at + step.delay)
FROM candidates_candidate AS person
LEFT JOIN partners_credit AS credit
    ON credit.candidate_uuid = person.id AND credit.kind = 'signed_up'
LEFT JOIN partners_referrallink AS link ON link.id = credit.link_id
WHERE credit.drive_id = %s OR lower(person.email) = ANY(%s)
"""
CONFLICTS = """
SELECT count(*) FROM candidates_phoneconflict AS conflict
JOIN candidates_candidate AS person ON person.id = conflict.candidate_id
WHERE lower(person.email) = ANY(%s)
"""


def always() -> Iterator[Check]:
    yield none("people who share an address", count(SAME_ADDRESS))
    yield none("people who share a phone number", count(SAME_PHONE))
    yield none("people who count although they are another", count(MERGED_AND_COUNTED))
    yield none("people who are another who is another", count(MERGED_TWICE))
    yield none("people whom a partner sees twice", count(SEEN_TWICE))
    yield none("people who never agreed to be contacted", count(NO_CONSENT))
    everybody = count("SELECT count(*) FROM candidates_candidate")
    without = count(FIRST_MISSING.format(who="TRUE", slug="confirmation"))
    yield Check("people owed one confirmation letter", everybody, everybody - without)
    confirmed = count("SELECT count(confirmed_at) FROM candidates_candidate")
    who = "person.confirmed_at IS NOT NULL"
    without = count(FIRST_MISSING.format(who=who, slug="welcome"))
    yield Check("confirmed people owed one welcome", confirmed, confirmed - without)
    yield none("letters that nobody is owed", count(TOO_MUCH))
    yield none("letters after which nothing was owed", count(THREAD_LOST))


def of_the_day(*, history: History, drive_id: int) -> Iterator[Check]:
    """Hold the rows to what the public was promised."""
    told = {email.lower(): person for email, person in history.accepted.items()}
    maybe = {email.lower() for email in history.gave_up} | told.keys()
    found = rows(OF_THE_DRIVE, [drive_id, [*maybe, *history.spam]])
    people = {row[0]: row for row in found}
    present = told.keys() & people.keys()
    yield Check("accepted sign-ups that are one person each", len(told), len(present))
    yield none("rows more than people in this drive", len(found) - len(people))
    yield none("people whom nobody signed up", len(people.keys() - maybe))
    credited = sum(told[email].expected_code == people[email][1] for email in present)
    yield Check("sign-ups credited to the right link", len(told), credited)
    yield Check("phone numbers that two people gave", _borrowed(history), _conflicts(told))
    yield from _confirmations(history, people)


def _confirmations(history: History, people: Mapping[str, tuple[object, ...]]) -> Iterator[Check]:
    confirmed = {email for email, row in people.items() if row[2]}
    yield Check("confirmed by their own hand", len(history.confirmed), len(confirmed))
    only_scanned = history.scanned - history.confirmed
    name = f"confirmed by a link scanner ({len(only_scanned):,} tried)"
    yield none(name, len(confirmed & only_scanned))
    yield none("confirmed otherwise", len((confirmed ^ history.confirmed) - only_scanned))
    asked_again = {email for email, row in people.items() if row[3]}
    hastened = asked_again - history.came_again
    yield none("reminders sent sooner to people who came once", len(hastened))


def _borrowed(history: History) -> int:
    phones = [it.answers["phone"] for it in history.accepted.values() if it.answers["phone"]]
    return len(phones) - len(set(phones))


def _conflicts(told: Mapping[str, object]) -> int:
    return count(CONFLICTS, [list(told)])
