"""Leads that staff said are another lead: whether that took their credit, and who has it now."""

from collections.abc import Mapping
from uuid import UUID

from candidates.models import Candidate, TriageAction
from partners.models import Credit


def holders_of(*, candidate_id: UUID) -> Mapping[UUID, UUID]:
    """Return which lead counts for this one, if one does, as credits.give asks for it."""
    found = Candidate.objects.filter(pk=candidate_id, merged_into__isnull=False)
    into = found.values_list("merged_into", flat=True).first()
    return {candidate_id: into} if into and is_taken(candidate_id=candidate_id) else {}


def is_taken(*, candidate_id: UUID) -> bool:
    """Say whether the credit was last voided by a merging, and not for a reason of its own.

    A merging writes its notes in the very moment of its lines; who voids writes none.
    """
    taken = Credit.objects.of_candidate(candidate_id).filter(kind=Credit.Kind.VOIDED, amount=-1)
    at = taken.filter(counts_as=Credit.Kind.SIGNED_UP).order_by("-id").values("recorded_at")[:1]
    notes = TriageAction.objects.filter(candidate=candidate_id, kind=TriageAction.Kind.NOTED)
    return notes.filter(at__in=at).exists()
