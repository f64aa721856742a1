"""Saying that two leads are one person, and that they are two after all."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from candidates import doubles
from candidates.merging import refusals, showing
from candidates.models import Candidate, PhoneConflict, TriageAction
from partners import credits
from partners.models import User


class NotMerged(Exception):
    """These two can't become one; the words say why."""


@transaction.atomic
def merge(
    *, candidate_id: UUID, into_id: UUID, reason: str, author: User, now: datetime
) -> Candidate:
    """Say that the first is the second, who goes on; return the one who goes on. Idempotent.

    What the first reached and the second did not counts as the second's. A phone that stood between
    the two does so no longer. Who said no to mail as the first, said so as the second. Raises
    NotMerged, also where nobody would be left who counts.
    """
    one, other = _both(candidate_id, into_id)
    if one.merged_into_id == other.pk:
        return other
    if one.merged_into_id or other.merged_into_id:
        raise NotMerged(_("One of them was merged already. Part them first."))
    if one.merged.exists():
        raise NotMerged(_("Somebody was merged into this lead. Merge the other one into it."))
    Candidate.objects.filter(pk=one.pk).update(merged_into=other)
    between = PhoneConflict.objects.filter(candidate__in=(one, other), held_by__in=(one, other))
    between.filter(settled_at=None).update(settled_at=now)
    try:
        credits.unite(one=one.pk, into=other.pk, reason=reason, author=author, now=now)
    except credits.CountsNot as nobody:
        raise NotMerged(
            _("The lead that is to go on counts no longer. Merge it into this one instead.")
        ) from nobody
    showing.settle(kept=other, now=now)
    note = partial(_note, why=reason, author=author, now=now)
    note(one, _("Is the same person as %(name)s, who goes on. %(why)s"), other)
    note(other, _("Is the same person as %(name)s, who came too. %(why)s"), one)
    if refusals.carry(one=one, other=other, now=now):
        note(other, _("As %(name)s they said no to e-mail: none is sent here either. %(why)s"), one)
    return other


@transaction.atomic
def part(*, candidate_id: UUID, reason: str, author: User, now: datetime) -> bool:
    """Say that they are two people after all; whether they were one.

    What the merging took or lent counts again as what they reached themselves, and each is shown
    and written to by what was said as that one. Who was voided for another reason before stays so;
    what was said since holds for both.
    """
    into_id = Candidate.objects.values_list("merged_into", flat=True).get(pk=candidate_id)
    if into_id is None:
        return False
    one, other = _both(candidate_id, into_id)
    if one.merged_into_id != other.pk:
        return False
    Candidate.objects.filter(pk=one.pk).update(merged_into=None)
    if doubles.is_taken(candidate_id=one.pk):
        ids = other.merged.values_list("pk", flat=True)
        credits.divide(
            one=one.pk,
            kept=other.pk,
            others=[it for it in ids if doubles.is_taken(candidate_id=it)],
            reason=reason,
            author=author,
            now=now,
        )
    for it in (one, other):
        showing.settle(kept=it, now=now)
    note = partial(_note, why=reason, author=author, now=now)
    note(one, _("Is not the same person as %(name)s. %(why)s"), other)
    note(other, _("Is not the same person as %(name)s. %(why)s"), one)
    if refusals.give_back(other=other):
        note(other, _("They said no to e-mail as %(name)s alone: here it may go. %(why)s"), one)
    return True


def _both(candidate_id: UUID, into_id: UUID) -> tuple[Candidate, Candidate]:
    """Lock both in one order: two colleagues who merge them at once wait and don't deadlock."""
    if candidate_id == into_id:
        raise NotMerged(_("That is this lead itself."))
    ids = (candidate_id, into_id)
    rows = Candidate.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    found = {it.pk: it for it in rows}
    if len(found) < len(ids):
        raise NotMerged(_("There is no such lead."))
    return found[candidate_id], found[into_id]


def _note(
    candidate: Candidate, words: str, other: Candidate, *, why: str, author: User, now: datetime
) -> None:
    text = words % {"name": other, "why": why}
    TriageAction.objects.create(
        candidate=candidate, kind=TriageAction.Kind.NOTED, at=now, author=author, text=text
    )
