"""Who may send which mail now: a claim with a lease, and a last look before it leaves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists

from candidates import letters, privacy
from candidates.followups.planning import AGAIN_AFTER
from candidates.models import FollowUp
from candidates.models.followups import FollowUpQuerySet

CLAIM = 100
# Longer than the slowest mail: recruit.mail ends an attempt within 30 seconds. begin() takes it
# anew for each mail, so a claim that takes longer loses only what it has not begun.
LEASE = timedelta(minutes=1)

State, Step = FollowUp.State, FollowUp.Step
CONFIRMATIONS = (Step.CONFIRM, Step.CONFIRM_AGAIN)


def claim(*, now: datetime) -> list[FollowUp]:
    """Take up to CLAIM due follow-ups for LEASE; no other worker is given the same ones."""
    with transaction.atomic():
        due = FollowUp.objects.due(now).order_by("due_at").select_for_update(skip_locked=True)
        ids = list(due.values_list("id", flat=True)[:CLAIM])
        FollowUp.objects.filter(id__in=ids).update(leased_until=now + LEASE)
    claimed = FollowUp.objects.filter(id__in=ids).order_by("due_at")
    return list(claimed.select_related(*letters.SELECT).prefetch_related(*letters.PREFETCH))


def wanted(*, claimed: Sequence[FollowUp], now: datetime) -> list[FollowUp]:
    """Set aside what must not be mailed, what nobody needs any more, and what comes too early."""
    barred = privacy.suppressed(emails=[it.candidate.email_canonical for it in claimed])
    suppressed = [it for it in claimed if it.candidate.email_canonical in barred]
    needless = [it for it in claimed if it.step in CONFIRMATIONS and it.candidate.confirmed_at]
    early = _early(claimed, now)
    _owed(needless).update(state=State.NEEDLESS, leased_until=None)
    _owed(suppressed).update(state=State.SUPPRESSED, leased_until=None)
    for followup, due_at in early.items():
        _owed([followup]).update(due_at=due_at, leased_until=None)
    set_aside = {*suppressed, *needless, *early}
    return [it for it in claimed if it not in set_aside]


def _early(claimed: Sequence[FollowUp], now: datetime) -> dict[FollowUp, datetime]:
    """Second confirmations whose first one left less than a day ago or has yet to; until when."""
    again = [it for it in claimed if it.step == Step.CONFIRM_AGAIN]
    firsts = FollowUp.objects.filter(
        candidate_id__in=[it.candidate_id for it in again], step=Step.CONFIRM
    )
    last_at: dict[UUID, datetime] = {
        it.candidate_id: it.sent_at or now
        for it in (firsts if again else ())
        if it.state in {*FollowUp.OWED, State.SENT}
    }
    earliest = {
        it: last_at[it.candidate_id] + AGAIN_AFTER for it in again if it.candidate_id in last_at
    }
    return {it: at for it, at in earliest.items() if at > now}


def begin(*, followup: FollowUp, now: datetime) -> bool:
    """Say that this mail is about to leave; False where it may not: suppressed, or lease lost.

    The address is looked up in the same statement, for a mail that was being planned when its
    reader opted out: that opt-out could not see the row.
    """
    mine = _owed([followup]).filter(leased_until=followup.leased_until)
    opt_out = privacy.entries(email=followup.candidate.email_canonical)
    followup.leased_until = now + LEASE
    followup.attempts += 1
    return bool(
        mine.exclude(Exists(opt_out)).update(
            state=State.SENDING, leased_until=followup.leased_until, attempts=followup.attempts
        )
    )


def release(*, unsent: Sequence[FollowUp]) -> None:
    """Give back what was claimed and not begun."""
    _owed(unsent).update(state=State.DUE, leased_until=None)


def _owed(followups: Sequence[FollowUp]) -> FollowUpQuerySet:
    ids = [it.id for it in followups]
    return FollowUp.objects.filter(id__in=ids, state__in=FollowUp.OWED)
