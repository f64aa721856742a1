"""The chapter of the mails: what was sent and what became of it, what is due, and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from candidates import privacy
from candidates.models import Candidate, FollowUp, MailEvent
from candidates.story import ahead
from candidates.story.events import Event
from partners import credits

State = FollowUp.State
Kind = MailEvent.Kind
TROUBLE = (Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.COMPLAINT, Kind.REJECTED)
READ = ("step__sequence", "step__broadcast", "text__partner")


def tell(*, candidate: Candidate, now: datetime) -> Iterator[Event]:
    mails = _mails(candidate)
    for mail in mails:
        yield from _told(mail)
        if mail.state in FollowUp.SET_ASIDE:
            yield _set_aside(mail, now)
    yield from ahead.tell(
        mails=[mail for mail in mails if mail.state in FollowUp.OWED],
        partner_id=_partner_id(candidate),
        is_barred=privacy.entry_of(candidate=candidate) is not None,
        now=now,
    )


def _mails(candidate: Candidate) -> Sequence[FollowUp]:
    events = Prefetch("events", MailEvent.objects.order_by("at", "pk"))
    mails = candidate.followups.select_related(*READ).prefetch_related(events)
    return list(mails.order_by("due_at", "pk"))


def _partner_id(candidate: Candidate) -> int | None:
    partner = credits.partners_of(candidate_uuids=[candidate.pk]).get(candidate.pk)
    return partner.pk if partner else None


def _told(mail: FollowUp) -> Iterator[Event]:
    """What left, or could not, and what was heard of it."""
    about = {"step": mail.step}
    if mail.sent_at:
        title = _("E-mail sent: %(step)s") % about
        yield Event(mail.sent_at, "mail", title, detail=_words(mail), words_of=_id_of_words(mail))
    if mail.state == State.FAILED:
        title = _("E-mail failed: %(step)s") % about
        yield Event(
            mail.due_at, "mail", title, detail=mail.last_error, is_trouble=True, failed=mail.pk
        )
    for event in mail.events.all():
        title = f"{_heard(Kind(event.kind))}: {mail.step}"
        trouble = event.kind in TROUBLE
        yield Event(event.at, "mail", title, detail=event.detail, is_trouble=trouble)


def _words(mail: FollowUp) -> str:
    """Say which words were sent: what shipped before words were kept has none."""
    if not (text := mail.text):
        return ""
    said = _("in %(language)s, version %(version)s of the text") % {
        "language": text.get_language_display(),
        "version": text.version,
    }
    return f"{said} · {text.partner}" if text.partner else said


def _id_of_words(mail: FollowUp) -> UUID | None:
    return mail.pk if mail.text_id else None


def _heard(kind: MailEvent.Kind) -> str:
    return {
        Kind.DELIVERED: _("E-mail delivered"),
        Kind.DEFERRED: _("E-mail on hold at their provider"),
        Kind.SOFT_BOUNCE: _("E-mail bounced, for now"),
        Kind.HARD_BOUNCE: _("E-mail bounced for good"),
        Kind.COMPLAINT: _("They called this e-mail spam"),
        Kind.UNSUBSCRIBED: _("They unsubscribed through this e-mail"),
        Kind.REPLIED: _("They answered this e-mail"),
        Kind.REJECTED: _("Our provider did not take this e-mail"),
    }[kind]


def _set_aside(mail: FollowUp, now: datetime) -> Event:
    """A mail that is not sent is told at the time that it was due; it may still be ahead."""
    title = {
        State.HELD: _("E-mail held back: %(step)s"),
        State.SUPPRESSED: _("E-mail not sent, the address is suppressed: %(step)s"),
        State.NEEDLESS: _("E-mail no longer needed: %(step)s"),
    }[State(mail.state)]
    return Event(
        mail.due_at,
        "mail",
        title % {"step": mail.step},
        detail=mail.get_why_display(),
        is_ahead=mail.due_at > now,
    )
