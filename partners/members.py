"""Who belongs to a partner, and who manages it: never nobody."""

from django.db import transaction

from partners.models import Member, Partner, User


class NoSuchMember(Exception):
    """Raised alike for a member who does not exist and for one of another partner."""


class LastManager(Exception):
    """Without this manager nobody could manage the partner."""


@transaction.atomic
def change_role(*, partner: Partner, member_id: int, role: Member.Role) -> None:
    member = _locked(partner, member_id)
    if role != Member.Role.MANAGER:
        _keep_a_manager(partner, member)
    member.role = role
    member.save(update_fields=["role"])


@transaction.atomic
def remove(*, partner: Partner, member_id: int) -> User:
    """End the membership of whom this returns: their next request shows them nothing of this."""
    member = _locked(partner, member_id)
    _keep_a_manager(partner, member)
    member.delete()
    return member.user


def _locked(partner: Partner, member_id: int) -> Member:
    """Lock the partner first: two managers who remove each other take turns."""
    Partner.objects.select_for_update().get(pk=partner.pk)
    member = Member.objects.filter(partner=partner, pk=member_id).first()
    if member is None:
        raise NoSuchMember
    return member


def _keep_a_manager(partner: Partner, member: Member) -> None:
    others = Member.objects.filter(
        partner=partner, role=Member.Role.MANAGER, user__is_active=True
    ).exclude(pk=member.pk)
    if member.role == Member.Role.MANAGER and not others.exists():
        raise LastManager
