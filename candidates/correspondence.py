"""What staff do about the mail to one lead: stop it, say that they replied, send a failed one
again. Each leaves a note on the lead: who, what, when."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from candidates import followups, privacy
from candidates.models import Candidate, Suppression, TriageAction
from partners.models import User

# One click too many.
SAME_REPLY_WITHIN = timedelta(minutes=1)


class TheirOwnWish(PermissionError):
    """The reader said stop: no colleague may say otherwise."""


@transaction.atomic
def stop(*, candidate: Candidate, author: User, now: datetime) -> bool:
    """Send this person nothing any more; say whether anything was sent until now. Idempotent."""
    was_stopped = privacy.entry_of(candidate=candidate) is not None
    privacy.refuse(candidate_id=candidate.pk, reason=Suppression.Reason.BY_STAFF, now=now)
    if not was_stopped:
        _note(candidate, _("Stopped all e-mail to this person."), author, now)
    return not was_stopped


def is_ours(entry: Suppression) -> bool:
    """Whether it was us who stopped mail, or a machine, and not the reader."""
    return entry.reason not in privacy.THEIR_OWN_WORD


@transaction.atomic
def allow(*, candidate: Candidate, reason: str, author: User, now: datetime) -> bool:
    """Let mail go to this person again, and write down why; what was stopped stays unsent.

    Raises TheirOwnWish where the reader unsubscribed or called a mail spam, under any address.
    """
    entry = privacy.entry_of(candidate=candidate)
    if entry is None:
        return False
    if not all(is_ours(it) for it in privacy.entries_of(candidate=candidate)):
        raise TheirOwnWish
    # Where the reader says stop at this very moment, the reason is another: their word stays.
    deleted, _models = Suppression.objects.filter(pk=entry.pk, reason=entry.reason).delete()
    if not deleted:
        raise TheirOwnWish
    about = {"was": entry.get_reason_display(), "why": reason}
    text = _("Allowed e-mail to this person again (it was: %(was)s). %(why)s") % about
    _note(candidate, text, author, now)
    return True


@transaction.atomic
def note_reply(*, candidate: Candidate, author: User, now: datetime) -> bool:
    """Say that this person replied: what ends with a reply ends. A second press says nothing."""
    mine = Candidate.objects.filter(pk=candidate.pk)
    noted = mine.exclude(replied_at__gt=now - SAME_REPLY_WITHIN).update(replied_at=now)
    if noted:
        _note(candidate, _("They replied."), author, now)
    return bool(noted)


@transaction.atomic
def send_again(*, candidate: Candidate, mail_id: UUID, author: User, now: datetime) -> bool:
    """Owe a failed mail of this person again."""
    mine = candidate.followups.filter(pk=mail_id).select_related("step__sequence").first()
    if not mine or not followups.retry(ids=[mine.pk], now=now):
        return False
    text = _("Sends an e-mail again that failed: %(step)s") % {"step": mine.step}
    _note(candidate, text, author, now)
    return True


def _note(candidate: Candidate, text: str, author: User, now: datetime) -> None:
    TriageAction.objects.create(
        candidate=candidate, kind=TriageAction.Kind.NOTED, at=now, author=author, text=text
    )
