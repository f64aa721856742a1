"""The one door to a partner's data: its members, and RFS staff to look."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from partners.models import Member, Partner, User


class NoSuchPartner(Exception):
    """Raised alike for a partner that does not exist and for one that is not this user's."""


@dataclass(frozen=True, slots=True)
class Access:
    """A partner somebody may see, and whether they may also change things there.

    `is_look`: RFS staff who see what the partner sees, and can change nothing.
    """

    partner: Partner
    may_manage: bool
    is_look: bool = False


def enter(*, user: User, slug: str) -> Access:
    """Return what this user may see under this slug; every portal view begins here."""
    member = Member.objects.filter(user=user, partner__slug=slug).select_related("partner").first()
    if member:
        return Access(member.partner, may_manage=member.role == Member.Role.MANAGER)
    if user.is_staff:
        return _look(slug)
    raise NoSuchPartner


def _look(slug: str) -> Access:
    partner = Partner.objects.filter(slug=slug).first()
    if partner is None:
        raise NoSuchPartner
    return Access(partner, may_manage=False, is_look=True)


def own_partners(*, user: User) -> Sequence[Partner]:
    """Return the partners this user is a member of, by name."""
    return list(Partner.objects.filter(members__user=user).order_by("name"))


def visible_partners(*, user: User) -> QuerySet[Partner]:
    """Return every partner this user may look at, by name."""
    partners = Partner.objects.order_by("name")
    return partners if user.is_staff else partners.filter(members__user=user)
