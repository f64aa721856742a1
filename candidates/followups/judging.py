"""Whether a mail that is due still makes sense for its reader, and may leave at this hour."""

from datetime import datetime
from typing import NamedTuple

from candidates import hours, sequences, zones
from candidates.models import Candidate, FollowUp, Step

Why = FollowUp.Why


class Verdict(NamedTuple):
    """What becomes of a due mail that does not leave now; `ends`: nor does what comes after it."""

    state: FollowUp.State
    why: Why
    ends: bool = True


def verdict(*, followup: FollowUp, partner_id: int | None) -> Verdict | None:
    """Say why this mail is not sent, if it is not: exits first, then conditions."""
    why = _held(followup)
    if why:
        return Verdict(FollowUp.State.HELD, why)
    if followup.candidate.merged_into_id:
        return Verdict(FollowUp.State.NEEDLESS, Why.MERGED)
    why = _stopped(followup) or _exit(followup) or _not_meant(followup, partner_id)
    if why:
        return Verdict(FollowUp.State.NEEDLESS, why)
    if followup.step.removed_at:
        return Verdict(FollowUp.State.NEEDLESS, Why.REMOVED, ends=False)
    meant = sequences.is_meant(
        audience=followup.step, candidate=followup.candidate, partner_id=partner_id
    )
    return None if meant else Verdict(FollowUp.State.NEEDLESS, Why.NOT_MEANT, ends=False)


def polite_at(*, step: Step, candidate: Candidate, at: datetime) -> datetime:
    """Return when this mail may leave: then, or in the next polite hour where its reader lives."""
    if step.polite_from is None or step.polite_until is None:
        return at
    zone = zones.zone_of(candidate.zip_code)
    return hours.polite(at=at, zone=zone, from_hour=step.polite_from, until_hour=step.polite_until)


def _held(followup: FollowUp) -> Why | None:
    """A pause stops what is owed in one statement; this is what was on its way meanwhile."""
    if not followup.step.sequence.switched_on_at:
        return Why.SWITCHED_OFF
    broadcast = getattr(followup.step, "broadcast", None)
    is_paused = broadcast and broadcast.paused_at and not broadcast.stopped_at
    return Why.PAUSED if is_paused else None


def _stopped(followup: FollowUp) -> Why | None:
    broadcast = getattr(followup.step, "broadcast", None)
    return Why.STOPPED if broadcast and broadcast.stopped_at else None


def _exit(followup: FollowUp) -> Why | None:
    candidate, sequence = followup.candidate, followup.step.sequence
    if sequence.is_for_unconfirmed and candidate.confirmed_at:
        return Why.CONFIRMED
    if not sequence.is_for_unconfirmed and not candidate.confirmed_at:
        return Why.UNCONFIRMED
    if sequence.ends_on_move and _is_since(candidate.stage_moved_at, followup):
        return Why.MOVED
    if sequence.ends_on_reply and _is_since(candidate.replied_at, followup):
        return Why.REPLIED
    return None


def _is_since(at: datetime | None, followup: FollowUp) -> bool:
    return at is not None and at > followup.anchor_at


def _not_meant(followup: FollowUp, partner_id: int | None) -> Why | None:
    is_meant = sequences.is_meant(
        audience=followup.step.sequence, candidate=followup.candidate, partner_id=partner_id
    )
    return None if is_meant else Why.NOT_MEANT
