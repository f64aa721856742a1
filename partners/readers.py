"""Whom a rehearsal may mail: people who have an account here, and nobody else.

What is owed to others ends in its row, with the reason. The backend is the last door: no mail of a
rehearsal leaves but by it.
"""

from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation
from django.utils.translation import gettext as _

from partners.models import User


class Stranger(ValueError):
    """A mail of a rehearsal was for somebody without an account: it must not leave."""


def strangers(*, emails: Iterable[str]) -> set[str]:
    """Return which of these must not be mailed: outside of a rehearsal nobody, and at no cost."""
    if not settings.IS_REHEARSAL:
        return set()
    asked = set(emails)
    lowered = {email.lower() for email in asked}
    active = User.objects.filter(email__in=lowered, is_active=True)
    known = set(active.values_list("email", flat=True))
    known |= {email.lower() for email in settings.STAFF_EMAILS}
    return {email for email in asked if email.lower() not in known}


class EmailBackend(BaseEmailBackend):
    """The backend of the real day, for those who may be mailed; each subject says what it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fail_silently=bool(options.get("fail_silently", False)))
        self.real = get_connection(settings.REHEARSED_EMAIL_BACKEND, **options)

    def open(self) -> bool | None:
        return self.real.open()

    def close(self) -> None:
        self.real.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send all of them. Raises Stranger before any has left."""
        for message in email_messages:
            addresses = [parseaddr(mailbox)[1] for mailbox in message.recipients()]
            if strangers(emails=addresses):
                raise Stranger
        for message in email_messages:
            message.subject = f"{_mark(message)} {message.subject}"
        return self.real.send_messages(email_messages) or 0


def _mark(message: EmailMessage) -> str:
    with translation.override(message.extra_headers.get("Content-Language", "en")):
        return _("[Rehearsal]")
