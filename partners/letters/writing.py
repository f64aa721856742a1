"""Writing a letter: its template in the reader's language, and the rows that its facts name."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from partners import keys
from partners.models import (
    Application,
    Endpoint,
    Invitation,
    Letter,
    LinkCode,
    Member,
    Milestone,
    Partner,
    ReferralLink,
    User,
)

Kind = Letter.Kind
# Facts of these names are ids: what a letter says of a row is read when it is written.
ROWS: dict[str, type[models.Model]] = {
    "application": Application,
    "code": LinkCode,
    "endpoint": Endpoint,
    "invitation": Invitation,
    "link": ReferralLink,
    "member": Member,
    "milestone": Milestone,
    "partner": Partner,
    "user": User,
}
# News, which a member can switch off: by which of the member's switches, or of the user's.
NEWS = {
    Kind.DIGEST: "wants_digest",
    Kind.GOAL: "wants_goal_mail",
    Kind.DRIVE_GOAL: "wants_milestone_mail",
}


class NotWanted(Exception):
    """Nobody needs this letter any more: withdrawn, switched off, or its reason is gone."""


def write(*, letter: Letter, now: datetime) -> EmailMultiAlternatives:
    """Write it; writing it again gives the same Message-ID. Raises NotWanted."""
    if letter.kind == Kind.PASSWORD and _is_late(letter, now):
        raise NotWanted
    with translation.override(letter.language):
        context = _context(letter)
        written = render_to_string(f"partners/emails/{letter.kind}.txt", context)
        subject, _, text = (line.strip() for line in written.partition("\n"))
        paragraphs = [" ".join(it.split()) for it in text.split("\n\n") if it.strip()]
        html = render_to_string(
            "partners/emails/_letter.html",
            context | {"subject": subject, "greeting": paragraphs[0], "rest": paragraphs[1:]},
        )
    message = EmailMultiAlternatives(
        subject, text + "\n", to=[letter.recipient], headers=_headers(letter, context)
    )
    message.attach_alternative(html, "text/html")
    return message


def _context(letter: Letter) -> dict[str, Any]:
    facts: dict[str, Any] = letter.facts | {
        name: _row(name, letter) for name in ROWS if name in letter.facts
    }
    if letter.kind == Kind.INVITATION:
        facts |= {"address": _join(facts["invitation"]), "days": Invitation.VALID_FOR.days}
    if letter.kind == Kind.PASSWORD:
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        facts |= {"address": _choose(facts["user"], letter), "hours": hours}
    if letter.kind == Kind.DIGEST:
        facts |= _week(facts)
    if letter.kind in NEWS:
        reader = facts.get("member") or facts["user"]
        facts |= {"stop_address": _stop(reader, NEWS[Kind(letter.kind)])}
    site = {"base_url": settings.BASE_URL, "language": letter.language}
    house = {"organisation": settings.ORGANISATION, "postal_address": settings.POSTAL_ADDRESS}
    return {**facts, **site, **house}


def _row(name: str, letter: Letter) -> models.Model:
    row = ROWS[name]._default_manager.filter(pk=letter.facts[name]).first()
    if row is None:
        raise NotWanted
    return row


def _week(facts: dict[str, Any]) -> dict[str, Any]:
    """Name the links, those that brought most people first, and make days of the days."""
    links = ReferralLink.objects.in_bulk([row["link"] for row in facts["rows"]])
    rows = [row | {"label": links[row["link"]].label} for row in facts["rows"]]
    rows.sort(key=lambda row: (-row["sign_ups"], -row["visits"], row["label"]))
    days = {name: date.fromisoformat(facts[name]) for name in ("since", "until")}
    return days | {"rows": rows}


def _join(invitation: Invitation) -> str:
    if invitation.accepted_at or invitation.withdrawn_at:
        raise NotWanted
    key = keys.make(purpose="join", name=invitation.id)
    return f"{settings.BASE_URL}{reverse('partners:join', args=[key])}"


def _is_late(letter: Letter, now: datetime) -> bool:
    """Whether its link would have run out by now, or another was asked for after it."""
    ends_at = letter.owed_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    asked = Letter.objects.filter(kind=Kind.PASSWORD, recipient=letter.recipient)
    return ends_at <= now or asked.filter(owed_at__gt=letter.owed_at).exists()


def _choose(user: User, letter: Letter) -> str:
    """Make the key now: in a row or a log it would let anybody in who reads those."""
    if not user.is_active or user.email != letter.recipient:
        raise NotWanted
    words = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    return f"{settings.BASE_URL}{reverse('partners:password-reset-confirm', args=words)}"


def _stop(reader: Member | User, switch: str) -> str:
    """Whoever left every partner meanwhile gets no news of ours, either."""
    user = reader if isinstance(reader, User) else reader.user
    is_member = user.is_active and user.memberships.exists()
    if not (is_member and getattr(reader, switch)):
        raise NotWanted
    key = keys.make(purpose=switch, name=reader.pk)
    return f"{settings.BASE_URL}{reverse('partners:stop-letters', args=[switch, key])}"


def _headers(letter: Letter, context: dict[str, Any]) -> dict[str, str]:
    headers = {
        "Message-ID": f"<{letter.id}@{settings.MAIL_DOMAIN}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": letter.language,
    }
    if "stop_address" in context:  # RFC 8058: one click in the mail program
        headers["List-Unsubscribe"] = f"<{context['stop_address']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
