"""Every chapter but the mails: what came in, and who did what when."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from candidates.models import Candidate, PhoneConflict, TriageAction
from candidates.story import mails
from candidates.story.events import Event
from partners.models import Credit


def tell(*, candidate: Candidate, now: datetime) -> list[Event]:
    """Return every event in the order of time: what happened, then what is still ahead.

    The number of queries does not grow with the story.
    """
    chapters = (_sign_up, _touches, _consents, _again, _conflicts, _triage, _credits)
    events = [event for chapter in chapters for event in chapter(candidate)]
    events += mails.tell(candidate=candidate, now=now)
    return sorted(events, key=lambda it: (it.is_ahead, it.at))


def _sign_up(candidate: Candidate) -> Iterator[Event]:
    yield Event(
        candidate.signed_up_at, "sign-up", _("Signed up"), detail=candidate.get_door_display()
    )
    if candidate.confirmed_at:
        yield Event(candidate.confirmed_at, "sign-up", _("Confirmed the e-mail address"))


def _touches(candidate: Candidate) -> Iterator[Event]:
    for touch in candidate.touches.select_related("link__partner").order_by("at", "pk"):
        link = touch.link
        title = (
            _("Arrived through %(label)s of %(partner)s")
            % {"label": link.label, "partner": link.partner}
            if link
            else _("Arrived with an unknown code")
        )
        code = _("code %(code)s") % {"code": touch.raw_code}
        detail = f"{code} · {touch.sub_source}" if touch.sub_source else code
        yield Event(touch.at, "touch", title, detail=detail, is_trouble=not link)


def _consents(candidate: Candidate) -> Iterator[Event]:
    for consent in candidate.consents.select_related("partner").order_by("given_at", "pk"):
        about = {
            "purpose": consent.get_purpose_display(),
            "partner": f" ({consent.partner})" if consent.partner else "",
        }
        title = _("Agreed: %(purpose)s%(partner)s") % about
        yield Event(consent.given_at, "consent", title, quote=consent.wording)
        if consent.withdrawn_at:
            title = _("Withdrew: %(purpose)s%(partner)s") % about
            yield Event(consent.withdrawn_at, "consent", title, is_trouble=True)


def _again(candidate: Candidate) -> Iterator[Event]:
    for again in candidate.resubmissions.order_by("at", "pk"):
        yield Event(
            again.at, "again", _("Signed up again"), detail=_differences(candidate, again.answers)
        )


def _differences(candidate: Candidate, answers: dict[str, Any]) -> str:
    """Name only what is different: answers, what was agreed to, and the codes that led here."""
    fields = {field.name: field for field in Candidate._meta.concrete_fields}
    told = [
        f"{fields[name].verbose_name}: {dict(fields[name].flatchoices).get(value, value)}"
        for name, value in answers.items()
        if name in fields and value and str(value) != str(getattr(candidate, name) or "")
    ]
    told += answers.get("agreed", []) + answers.get("codes", [])
    return " · ".join(told) or _("with the same answers")


def _conflicts(candidate: Candidate) -> Iterator[Event]:
    about = Q(candidate=candidate) | Q(held_by=candidate)
    conflicts = PhoneConflict.objects.filter(about).select_related("candidate", "held_by")
    for conflict in conflicts.order_by("noticed_at", "pk"):
        mine = conflict.candidate_id == candidate.pk
        title = (
            _("Typed %(phone)s, which belongs to %(name)s")
            if mine
            else _("%(name)s typed this phone number: %(phone)s")
        )
        other = conflict.held_by if mine else conflict.candidate
        settled = (
            _("settled on %(day)s") % {"day": date_format(conflict.settled_at)}
            if conflict.settled_at
            else _("not settled yet")
        )
        yield Event(
            conflict.noticed_at,
            "conflict",
            title % {"phone": conflict.phone, "name": other},
            detail=settled,
            is_trouble=not conflict.settled_at,
        )


def _triage(candidate: Candidate) -> Iterator[Event]:
    actions = candidate.actions.select_related("author", "assignee").order_by("at", "pk")
    for action in actions:
        yield Event(action.at, action.kind, _did(action), who=str(action.author), quote=action.text)


def _did(action: TriageAction) -> str:
    match action.kind:
        case TriageAction.Kind.MOVED:
            return _("Moved from %(old)s to %(new)s") % {
                "old": action.get_from_stage_display(),
                "new": action.get_to_stage_display(),
            }
        case TriageAction.Kind.ASSIGNED if action.assignee:
            return _("Assigned to %(name)s") % {"name": action.assignee}
        case TriageAction.Kind.ASSIGNED:
            return _("Assigned to nobody")
        case TriageAction.Kind.UNSHARED:
            return _("Stopped sharing")
    return _("Wrote a note")


def _credits(candidate: Candidate) -> Iterator[Event]:
    lines = Credit.objects.of_candidate(candidate.pk).select_related("partner", "link", "author")
    for line in lines.order_by("at", "pk"):
        to = (
            _("%(partner)s, %(label)s") % {"partner": line.partner, "label": line.link.label}
            if line.link
            else _("nobody (organic)")
        )
        title = _("Credit %(amount)s for “%(kind)s”: %(to)s") % {
            "amount": f"{line.amount:+d}",
            "kind": line.get_kind_display(),
            "to": to,
        }
        who = str(line.author) if line.author_id else ""
        yield Event(line.at, "credit", title, who=who, detail=line.reason)
