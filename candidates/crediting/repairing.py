"""Repairs an unknown code: from now on it leads to a link, and so do the sign-ups it came with."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from candidates.crediting.planning import Delta, Plan, plan, write
from candidates.models import Touch
from partners import credits, letters, links
from partners.credits.holding import REPAIRED
from partners.models import Correction, Credit, Drive, Letter, LinkCode, Member, ReferralLink, User
from partners.models.links import canonical_code


class CodeTaken(Exception):
    """The code is unknown no longer: it belongs to a link since."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did: arrivals that have a link now, people who moved, people held."""

    touches: int
    moved: int
    held: int
    deltas: Delta


@dataclass(frozen=True, slots=True)
class Preview:
    """What a repair would do, as of now."""

    people: int
    moves: int
    holds: int


def preview(*, code: str, link: ReferralLink, author: User, now: datetime) -> Preview:
    """Repair, look what it did, and take it all back: what is shown is what will be done."""
    people = Touch.objects.filter(pk__in=_touches(code)).values("candidate").distinct().count()
    with transaction.atomic():
        did = repair(code=code, link=link, author=author, now=now)
        transaction.set_rollback(True)
    return Preview(people, did.moved, did.held)


@transaction.atomic
def repair(*, code: str, link: ReferralLink, author: User, now: datetime) -> Repair:
    """Adopt the code for the link, decide anew those who came with it, and tell the partner.

    Adopted, touches, ledger lines and letters commit together. Raises CodeTaken when somebody was
    faster. What is left alone is what `plan` leaves alone.
    """
    adopted, is_new = LinkCode.objects.get_or_create(
        code=code, defaults={"link": link, "since_at": now}
    )
    if not is_new and adopted.link_id != link.pk:
        raise CodeTaken(code)
    touches = Touch.objects.filter(pk__in=_touches(code))
    uuids = list(touches.values_list("candidate_id", flat=True).distinct())
    changed = touches.update(link=link)
    credits.locked(candidate_uuids=uuids)
    moved, held, deltas = 0, 0, Delta()
    for made in _plans(uuids):
        moved += len(
            set(write(made, cause=Correction.Cause.REPAIRED, author=author, now=now))
            - made.doubts.keys()
        )
        held += len(made.doubts)
        deltas.update(made.deltas())
    _tell(adopted, moved, now)
    transaction.on_commit(links.forget)
    return Repair(changed, moved, held, deltas)


def _touches(code: str) -> list[int]:
    """Return every arrival with this code, in whichever spelling."""
    unresolved = Touch.objects.filter(link=None)
    spellings = unresolved.values_list("raw_code", flat=True).distinct()
    same = [raw for raw in spellings if canonical_code(raw) == code]
    return list(unresolved.filter(raw_code__in=same).values_list("pk", flat=True))


def _plans(uuids: Sequence[UUID]) -> Iterator[Plan]:
    """Decide each by the model of the drive that its sign-up belongs to."""
    signed_up = Credit.objects.filter(candidate_uuid__in=uuids, kind=Credit.Kind.SIGNED_UP)
    by_drive: dict[int, list[UUID]] = defaultdict(list)
    for drive_id, uuid in signed_up.values_list("drive_id", "candidate_uuid"):
        by_drive[drive_id].append(uuid)
    for drive in Drive.objects.filter(pk__in=by_drive).order_by("pk"):
        yield plan(
            candidate_uuids=by_drive[drive.pk],
            attribution=drive.attribution,
            window_days=drive.window_days,
            because=REPAIRED,
        )


def _tell(adopted: LinkCode, moved: int, now: datetime) -> None:
    """Owe the partner's managers a letter, once for each code."""
    if not moved:
        return
    managers = Member.objects.filter(
        partner=adopted.link.partner, role=Member.Role.MANAGER, user__is_active=True
    )
    for member in managers.select_related("user").order_by("pk"):
        letters.owe(
            kind=Letter.Kind.REPAIRED,
            recipient=member.user.email,
            language=settings.LANGUAGE_CODE,
            facts={"link": adopted.link_id, "code": adopted.pk, "people": moved},
            key=f"repaired:{adopted.pk}:{member.pk}",
            now=now,
        )
