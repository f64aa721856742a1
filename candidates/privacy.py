"""Addresses we must never mail again, kept as a keyed hash that says nothing of the address."""

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from candidates import identity
from candidates.models import Candidate, FollowUp, Suppression

# What readers said themselves. It stays said, whatever their mailbox did before or after.
THEIR_OWN_WORD = (Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINT)
BARRED = "SELECT digest FROM candidates_suppression WHERE digest = ANY(%s::text[])"


def digest(email_canonical: str) -> str:
    key = settings.SUPPRESSION_KEY.encode()
    return hmac.digest(key, email_canonical.encode(), "sha256").hex()


def suppress(*, candidate: Candidate, reason: Suppression.Reason, now: datetime) -> None:
    """Never mail this candidate's address again; idempotent.

    The owed follow-ups change state in the same transaction: a sender that has not begun one
    finds it suppressed, one that has begun held its row first (guarantees: opt-out against send).
    One that is being planned at this moment can't be seen here: its sender looks at the entry.
    """
    with transaction.atomic():
        entry, is_new = Suppression.objects.get_or_create(
            digest=digest(candidate.email_canonical), defaults={"reason": reason, "at": now}
        )
        if not is_new and reason in THEIR_OWN_WORD and entry.reason not in THEIR_OWN_WORD:
            Suppression.objects.filter(id=entry.id).update(reason=reason, at=now)
        unsent = FollowUp.objects.filter(candidate=candidate, state__in=FollowUp.UNSENT)
        unsent.update(state=FollowUp.State.SUPPRESSED, leased_until=None)


def unsubscribe(*, candidate_id: UUID, now: datetime) -> None:
    """Never mail this person again; somebody we no longer know is not mailed anyway."""
    refuse(candidate_id=candidate_id, reason=Suppression.Reason.UNSUBSCRIBED, now=now)


@transaction.atomic
def refuse(*, candidate_id: UUID, reason: Suppression.Reason, now: datetime) -> None:
    """Never mail this person again, at any address that we know to be theirs; idempotent.

    The lock waits for whoever merges this lead at this moment: one of us bars the other one.
    """
    held = Candidate.objects.select_for_update(of=("self",), no_key=True).filter(pk=candidate_id)
    if held.exists():
        for lead in identity.leads_of(candidate_id=candidate_id):
            suppress(candidate=lead, reason=reason, now=now)


def entry_of(*, candidate: Candidate) -> Suppression | None:
    """Return why this candidate must not be mailed, if that is so."""
    return Suppression.objects.filter(digest=digest(candidate.email_canonical)).first()


def entries_of(*, candidate: Candidate) -> Sequence[Suppression]:
    """Return why this person must not be mailed, at any of the addresses that are theirs."""
    emails = [it.email_canonical for it in identity.leads_of(candidate_id=candidate.pk)]
    return list(Suppression.objects.filter(digest__in=map(digest, emails)).order_by("at", "id"))


def suppressed(*, emails: Iterable[str]) -> set[str]:
    """Return those of the canonical addresses that must not be mailed."""
    by_digest = {digest(email): email for email in emails}
    found = Suppression.objects.filter(digest__in=by_digest).values_list("digest", flat=True)
    return {by_digest[it] for it in found}


def barred(*, people: Iterable[tuple[UUID, str]]) -> list[UUID]:
    """Return whose canonical address must not be mailed: for thousands, as one parameter."""
    by_digest = {digest(email): who for who, email in people}
    with connection.cursor() as cursor:
        cursor.execute(BARRED, [list(by_digest)])
        return [by_digest[found] for (found,) in cursor.fetchall()]
