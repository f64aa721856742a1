"""How a person becomes a member: invited to an address, accepted by whoever reads its mail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from partners import keys, letters
from partners.models import Invitation, Letter, Member, Partner, User


class AlreadyMember(Exception):
    """Who has this address is a member of this partner."""


class AlreadyInvited(Exception):
    """A letter to this address is on its way, or waits there to be opened."""


class NoInvitation(Exception):
    """There is none, or no more: mistyped, used, withdrawn, too old."""


class AccountExists(Exception):
    """Somebody has this address and a password: they log in to accept."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    full_name: str
    password: str


def invite(
    *,
    partner: Partner,
    email: str,
    role: Member.Role,
    by: User | None,
    language: str,
    now: datetime,
) -> Invitation:
    """Invite this address, and owe it the letter. Raises AlreadyMember and AlreadyInvited.

    An invitation that ran out is withdrawn for the new one, whose link has its full time.
    """
    email = email.strip().lower()
    if Member.objects.filter(partner=partner, user__email=email).exists():
        raise AlreadyMember
    with transaction.atomic():
        _withdraw_expired(partner, email, now)
        invitation = Invitation(
            partner=partner, email=email, role=role, language=language, invited_by=by
        )
        invitation.invited_at = now
        _insert(invitation)
        letters.owe(
            kind=Letter.Kind.INVITATION,
            recipient=email,
            language=language,
            facts={"invitation": str(invitation.id)},
            key=_letter_key(invitation.id),
            now=now,
        )
    return invitation


def _withdraw_expired(partner: Partner, email: str, now: datetime) -> None:
    waiting = Invitation.objects.filter(
        partner=partner, email=email, accepted_at=None, withdrawn_at=None
    )
    waiting.filter(invited_at__lte=now - Invitation.VALID_FOR).update(withdrawn_at=now)


def _insert(invitation: Invitation) -> None:
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as twice:
        raise AlreadyInvited from twice


def _letter_key(invitation_id: UUID) -> str:
    return f"invitation:{invitation_id}"


def withdraw(*, partner: Partner, invitation_id: UUID, now: datetime) -> None:
    """Make the link useless. Harmless when repeated; raises NoInvitation for a foreign one."""
    found = Invitation.objects.filter(partner=partner, id=invitation_id)
    if not found.exists():
        raise NoInvitation
    found.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)


def find(*, key: str, now: datetime) -> Invitation:
    """Return the open invitation that this link stands for. Raises NoInvitation."""
    return _open(Invitation.objects.select_related("partner"), key, now)


def account_of(*, invitation: Invitation) -> User | None:
    """Return who must log in to accept; None where a name and a password are to be chosen."""
    user = User.objects.filter(email=invitation.email).first()
    return user if user and (user.has_usable_password() or not user.is_active) else None


@transaction.atomic
def accept_as_new(*, key: str, account: NewAccount, now: datetime) -> User:
    """Make the account and the member, once. Raises NoInvitation and AccountExists."""
    invitation = _open(Invitation.objects.select_for_update(), key, now)
    if account_of(invitation=invitation):
        raise AccountExists
    user = User.objects.filter(email=invitation.email).first() or User(email=invitation.email)
    user.full_name = account.full_name
    user.set_password(account.password)
    _save(user)
    _join(invitation, user, now)
    return user


def _save(user: User) -> None:
    """Raises AccountExists for who accepts the invitation of another partner at this moment."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as twice:
        raise AccountExists from twice


@transaction.atomic
def accept(*, key: str, user: User, now: datetime) -> None:
    """Make a user who is logged in a member, once. Raises NoInvitation for anyone else's."""
    invitation = _open(Invitation.objects.select_for_update(), key, now)
    if invitation.email != user.email:
        raise NoInvitation
    _join(invitation, user, now)


def _open(invitations: QuerySet[Invitation], key: str, now: datetime) -> Invitation:
    try:
        invitation = invitations.filter(id=UUID(keys.read(purpose="join", key=key))).first()
    except keys.BadKey as bad:
        raise NoInvitation from bad
    if invitation is None or not invitation.is_open(now=now):
        raise NoInvitation
    return invitation


def _join(invitation: Invitation, user: User, now: datetime) -> None:
    Member.objects.get_or_create(
        user=user, partner_id=invitation.partner_id, defaults={"role": invitation.role}
    )
    Invitation.objects.filter(id=invitation.id).update(accepted_at=now)
