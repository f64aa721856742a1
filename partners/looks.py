"""Keeps which RFS staff looked at which partner's pages, as the partner sees them."""

from datetime import datetime, timedelta

from django.db import transaction

from partners.models import StaffLook, User

# Whoever leaves a page open that refreshes itself has looked once.
ONE_LOOK = timedelta(minutes=10)


def note(*, user: User, partner_id: int, page: str, now: datetime) -> None:
    """Keep the look, once per page in ten minutes, however many tabs are opened at once."""
    looks = StaffLook.objects.filter(
        user=user, partner_id=partner_id, page=page, at__gt=now - ONE_LOOK
    )
    if looks.exists():
        return
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not looks.exists():
            StaffLook.objects.create(user=user, partner_id=partner_id, page=page, at=now)
