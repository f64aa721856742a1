"""What is due to one person and why, and what their sequences would send after it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates import sequences, zones
from candidates.followups import judging
from candidates.models import Candidate, FollowUp, Step
from candidates.models import Sequence as Mails
from candidates.story.events import Event

Trigger = Mails.Trigger
Steps = Mapping[int, Sequence[Step]]


def tell(
    *, mails: Sequence[FollowUp], partner_id: int | None, is_barred: bool, now: datetime
) -> Iterator[Event]:
    """Tell of what is owed and of what is planned, as the sequences stand now: one query."""
    later = _steps(mails)
    for mail in mails:
        soonest = max(mail.due_at, now)
        leaves_at = judging.polite_at(step=mail.step, candidate=mail.candidate, at=soonest)
        against = _against(mail, partner_id, is_barred=is_barred)
        yield _due(mail, leaves_at, against)
        if not against:
            yield from _planned(mail, leaves_at, later[mail.step.sequence_id], partner_id)


def _steps(mails: Sequence[FollowUp]) -> Steps:
    found: dict[int, list[Step]] = defaultdict(list)
    ids = {mail.step.sequence_id for mail in mails}
    steps = Step.objects.filter(sequence__in=ids, removed_at=None).select_related("sequence")
    for step in steps.order_by("number"):
        found[step.sequence_id].append(step)
    return found


def _against(mail: FollowUp, partner_id: int | None, *, is_barred: bool) -> str:
    """Say why this mail would not leave if its hour came now, if anything is against it."""
    if is_barred:
        return _("the address is suppressed")
    found = judging.verdict(followup=mail, partner_id=partner_id)
    return str(found.why.label) if found else ""


def _due(mail: FollowUp, leaves_at: datetime, against: str) -> Event:
    is_leaving = mail.state == FollowUp.State.SENDING
    title = _("E-mail being sent: %(step)s") if is_leaving else _("E-mail due: %(step)s")
    reasons = [_since(mail.step), _in_their_zone(mail.step, mail.candidate, leaves_at)]
    if mail.last_error:
        reasons.append(_tried(mail))
    if against:
        reasons.append(_("will not be sent: %(why)s") % {"why": against})
    return Event(
        leaves_at,
        "mail",
        title % {"step": mail.step},
        detail=" · ".join(reasons),
        is_ahead=True,
        is_trouble=bool(mail.last_error),
    )


def _planned(
    mail: FollowUp, at: datetime, steps: Sequence[Step], partner_id: int | None
) -> Iterator[Event]:
    """Reckon as followups.planning does: never closer together than staff set them apart."""
    before, candidate = mail.step, mail.candidate
    for step in steps:
        if step.number <= mail.step.number or not sequences.is_meant(
            audience=step, candidate=candidate, partner_id=partner_id
        ):
            continue
        soonest = max(mail.anchor_at + step.delay, at + step.delay - before.delay)
        at = judging.polite_at(step=step, candidate=candidate, at=soonest)
        before = step
        reasons = [_since(step), _in_their_zone(step, candidate, at)]
        title = _("Planned: %(step)s") % {"step": step}
        yield Event(at, "mail planned", title, detail=" · ".join(reasons), is_ahead=True)


def _since(step: Step) -> str:
    """Say from what on this step is counted, as in "2 days after the confirmation"."""
    sequence = step.sequence
    if sequence.trigger == Trigger.BY_HAND:
        return _("sent by hand to many")
    about = {"delay": _spoken(step.delay), "stage": sequence.get_trigger_stage_display()}
    text = {
        Trigger.SIGNED_UP: _("%(delay)s after the sign-up"),
        Trigger.CONFIRMED: _("%(delay)s after the confirmation"),
        Trigger.STAGE_REACHED: _("%(delay)s after “%(stage)s” was reached"),
    }[Trigger(sequence.trigger)]
    if step.delay:
        return text % about
    at_once = {
        Trigger.SIGNED_UP: _("right after the sign-up"),
        Trigger.CONFIRMED: _("right after the confirmation"),
        Trigger.STAGE_REACHED: _("as soon as “%(stage)s” was reached"),
    }[Trigger(sequence.trigger)]
    return at_once % about


def _spoken(delay: timedelta) -> str:
    hours_left, minutes = delay.seconds // 3600, delay.seconds % 3600 // 60
    parts = (
        (delay.days, ngettext("%(n)s day", "%(n)s days", delay.days)),
        (hours_left, ngettext("%(n)s hour", "%(n)s hours", hours_left)),
        (minutes, ngettext("%(n)s minute", "%(n)s minutes", minutes)),
    )
    return " ".join(text % {"n": number} for number, text in parts if number)


def _in_their_zone(step: Step, candidate: Candidate, at: datetime) -> str:
    """Name the hour that their own clock shows, and the hours that are polite there."""
    zone = zones.zone_of(candidate.zip_code)
    about = {
        "local": date_format(at.astimezone(zone), "DATETIME_FORMAT"),
        "place": zone.key.rpartition("/")[2].replace("_", " "),
        "begin": _clock(step.polite_from),
        "end": _clock(step.polite_until),
    }
    if step.polite_from is None:
        return _("%(local)s on their clock (%(place)s)") % about
    return _("%(local)s on their clock (%(place)s), from %(begin)s to %(end)s only") % about


def _clock(hour: int | None) -> str:
    return time_format(time((hour or 0) % 24), "TIME_FORMAT")


def _tried(mail: FollowUp) -> str:
    text = ngettext("tried %(n)s time", "tried %(n)s times", mail.attempts) % {"n": mail.attempts}
    return f"{text}: {mail.last_error}"
