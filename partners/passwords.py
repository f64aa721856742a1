"""Lets people choose a new password by a link in a letter."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from partners import letters
from partners.models import Letter, User

NOBODY = (0, "")


def ask(*, email: str, language: str, now: datetime) -> None:
    """Owe the letter. A known and an unknown address take the same steps in the same time.

    Nobody's letter is written too and taken back before it is there: so the disk is waited for.
    """
    users = User.objects.filter(email=email, is_active=True)
    user_id, recipient = users.values_list("id", "email").first() or NOBODY
    key = f"password:{uuid4()}"
    with transaction.atomic():
        letters.owe(
            kind=Letter.Kind.PASSWORD,
            recipient=recipient,
            language=language,
            facts={"user": user_id},
            key=key,
            now=now,
        )
        Letter.objects.filter(key=key, recipient="").delete()
