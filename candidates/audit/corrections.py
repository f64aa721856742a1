"""What was held and what was corrected: nobody counts twice, for two, or past the hold."""

from collections.abc import Iterator

from candidates.audit.check import Check, count, none

# What everybody adds up to for whom there is a correction; without one, a constraint sees to it
# that a line is the only one of its kind, and LINES that it is plus one.
NET = """
WITH net AS (
    SELECT candidate_uuid, counts_as, COALESCE(link_id, 0) AS link, sum(amount) AS value
    FROM partners_credit WHERE candidate_uuid IN (
        SELECT candidate_uuid FROM partners_credit WHERE kind IN ('voided', 'reassigned'))
    GROUP BY 1, 2, 3
)
"""
LINES = """
SELECT count(*) FROM partners_credit
WHERE kind NOT IN ('voided', 'reassigned') AND (amount <> 1 OR counts_as <> kind)
"""
TWICE = f"""{NET}
SELECT count(DISTINCT candidate_uuid) FROM (
    SELECT candidate_uuid FROM net
    GROUP BY candidate_uuid, counts_as
    HAVING sum(value) NOT IN (0, 1) OR min(value) < 0
) AS wrong
"""  # noqa: S608 - our own words, here and below
AT_TWO_LINKS = f"""{NET}
SELECT count(*) FROM (
    SELECT 1 FROM net WHERE value > 0 GROUP BY candidate_uuid HAVING count(DISTINCT link) > 1
) AS wrong
"""  # noqa: S608
# The two lines of a move are written at once, of the same hour: no total changes by them. They may
# be of two leads that are one person.
UNEVEN_MOVES = """
SELECT count(*) FROM (
    SELECT 1 FROM partners_credit WHERE kind = 'reassigned'
    GROUP BY counts_as, recorded_at, at
    HAVING sum(amount) <> 0
) AS wrong
"""
HELD_AND_CREDITED = """
SELECT count(*) FROM (
    SELECT hold.candidate_uuid FROM partners_hold AS hold
    JOIN partners_credit AS credit ON credit.candidate_uuid = hold.candidate_uuid
    WHERE hold.settled_at IS NULL AND credit.link_id IS NOT NULL
    GROUP BY hold.candidate_uuid, credit.counts_as, credit.link_id
    HAVING sum(credit.amount) <> 0
) AS wrong
"""
# Where a later line took it from the link, it stood there.
RELEASED_AND_NOT_CREDITED = """
SELECT count(*) FROM (
    SELECT hold.id FROM partners_hold AS hold
    LEFT JOIN partners_credit AS credit ON credit.candidate_uuid = hold.candidate_uuid
        AND credit.counts_as = 'signed_up' AND credit.link_id = hold.link_id
    WHERE hold.outcome = 'released'
    GROUP BY hold.id
    HAVING COALESCE(sum(credit.amount), 0) <> 1 AND NOT COALESCE(bool_or(
        credit.amount = -1 AND credit.recorded_at >= hold.settled_at), FALSE)
) AS wrong
"""
# Each act is told to everybody with the lines that it wrote, but for what never counted: what came
# later to somebody voided, or once more, is given and taken back in one moment, and is no act.
UNTOLD = """
SELECT (SELECT coalesce(sum(line.amount), 0) FROM partners_credit AS line
    JOIN partners_drive AS drive ON drive.id = line.drive_id
    WHERE line.kind IN ('voided', 'reassigned') AND line.counts_as = drive.counts
        AND line.reason NOT IN ('the sign-up is voided', 'counted already'))
    - (SELECT coalesce(sum(change), 0) FROM partners_correction
        WHERE deed <> 'rebased')
"""


def always() -> Iterator[Check]:
    yield none("first lines that are not plus one of their kind", count(LINES))
    yield none("people who count twice, or less than nothing", count(TWICE))
    yield none("people whose credit stands at two links", count(AT_TWO_LINKS))
    yield none("moves that give other than they take", count(UNEVEN_MOVES))
    yield none("change of the counts that nobody was told of", count(UNTOLD))
    yield none("held credits that a partner has all the same", count(HELD_AND_CREDITED))
    yield none("released credits that never reached their link", count(RELEASED_AND_NOT_CREDITED))
