"""Who may send which mail now: a claim with a lease, and a last look before it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from candidates import letters, privacy, sequences
from candidates.followups import judging, settling
from candidates.models import FollowUp, Lane, Step
from partners import credits, readers
from partners.models import Partner

CLAIM = 100
# Longer than the slowest mail: recruit.mail ends an attempt within 30 seconds. begin() takes it
# anew for each mail, so a claim that takes longer loses only what it has not begun.
LEASE = timedelta(minutes=1)

# Made for each mail, so it is not composed anew for each. It need not be on disk when the mail
# leaves: after a crash of PostgreSQL the mail is owed, begun or not, once its lease has run out;
# and an opt-out that is committed later is written to disk later.
BEGIN = """
UPDATE candidates_followup SET state = 'sending', leased_until = %(leased_until)s,
    attempts = %(attempts)s, text_id = %(text_id)s
WHERE id = %(id)s AND state IN ('due', 'sending') AND leased_until = %(lease)s
    AND NOT EXISTS (SELECT FROM candidates_suppression WHERE digest = %(digest)s)
    AND NOT EXISTS (SELECT FROM candidates_mailpause WHERE lane = %(lane)s)
    AND set_config('synchronous_commit', 'off', true) <> ''
"""

State = FollowUp.State


@dataclass(frozen=True, slots=True)
class Errand:
    """One mail to be sent, with all that was read for it: no query more until it is begun."""

    followup: FollowUp
    partner: Partner | None
    following: Step | None


def claim(*, lane: Lane, now: datetime) -> list[FollowUp]:
    """Take up to CLAIM due follow-ups for LEASE; no other worker is given the same ones."""
    with transaction.atomic():
        due = FollowUp.objects.due(lane=lane, at=now).order_by("due_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:CLAIM])
        FollowUp.objects.filter(id__in=ids).update(leased_until=now + LEASE)
    claimed = FollowUp.objects.filter(id__in=ids).order_by("due_at")
    return list(claimed.select_related(*letters.SELECT).prefetch_related(*letters.PREFETCH))


def wanted(*, claimed: Sequence[FollowUp], now: datetime) -> list[Errand]:
    """Set aside what must not be mailed, what nobody needs any more, and what comes too early."""
    following = sequences.following(steps=[it.step for it in claimed])
    partners = credits.partners_of(candidate_uuids=[it.candidate_id for it in claimed])
    _choose_texts(claimed, partners)
    barred = privacy.suppressed(emails=[it.candidate.email_canonical for it in claimed])
    strangers = readers.strangers(emails=[it.candidate.email for it in claimed])
    left: list[Errand] = []
    for followup in claimed:
        partner = partners.get(followup.candidate_id)
        after = following.get(followup.step_id)
        if followup.candidate.email_canonical in barred:
            owed = FollowUp.objects.in_hand(mails=[followup])
            owed.update(state=State.SUPPRESSED, leased_until=None)
        elif followup.candidate.email in strangers:
            _leave_unsent(followup, after, now)
        elif not _set_aside(followup, partner, after, now):
            left.append(Errand(followup, partner, after))
    return left


def _choose_texts(claimed: Sequence[FollowUp], partners: Mapping[UUID, Partner]) -> None:
    texts = sequences.current_texts(steps=[it.step for it in claimed])
    for followup in claimed:
        partner = partners.get(followup.candidate_id)
        followup.text = sequences.text_for(
            texts=texts,
            step=followup.step,
            language=followup.candidate.language,
            partner_id=partner.id if partner else None,
        )


def _set_aside(
    followup: FollowUp, partner: Partner | None, following: Step | None, now: datetime
) -> bool:
    found = judging.verdict(followup=followup, partner_id=partner.id if partner else None)
    if found and found.state == State.HELD:
        settling.hold(followup=followup, why=found.why)
        return True
    if found:
        after = None if found.ends else following
        settling.settle(
            followup=followup, following=after, now=now, state=found.state, why=found.why
        )
        return True
    polite_at = judging.polite_at(step=followup.step, candidate=followup.candidate, at=now)
    if polite_at > now:
        settling.put_off(followup=followup, due_at=polite_at)
    return polite_at > now


def _leave_unsent(followup: FollowUp, following: Step | None, now: datetime) -> None:
    settling.settle(
        followup=followup,
        following=following,
        now=now,
        state=State.NEEDLESS,
        why=FollowUp.Why.REHEARSAL,
    )


def begin(*, followup: FollowUp, now: datetime) -> bool:
    """Say that this mail is about to leave, in these words; False where it may not.

    It may not when it is suppressed, held, its lane is paused, or its lease is lost. The address
    is looked up in the same statement, for a mail that was being planned when its reader opted
    out: that opt-out could not see the row. So is the pause, for a claim that came before it.
    """
    lease, followup.leased_until = followup.leased_until, now + LEASE
    followup.attempts += 1
    given = {
        "id": followup.id,
        "lease": lease,
        "digest": privacy.digest(followup.candidate.email_canonical),
        "lane": followup.lane,
        "leased_until": followup.leased_until,
        "attempts": followup.attempts,
        "text_id": followup.text.id if followup.text else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, given)
        return bool(cursor.rowcount)


def release(*, unsent: Sequence[FollowUp]) -> None:
    """Give back what was claimed and not begun, but for what another worker has claimed since."""
    FollowUp.objects.in_hand(mails=unsent).update(state=State.DUE, leased_until=None)
