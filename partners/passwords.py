"""Lets people choose a new password by a link in a letter."""

import logging

from celery import current_app
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from kombu.exceptions import OperationalError

from partners.models import User

NOBODY = 0
# Somebody waits for the page: a broker that is away has a second to say otherwise.
HASTE = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
TASK = "partners.tasks.send_password_letter"

logger = logging.getLogger(__name__)


class LetterNotOrdered(Exception):
    """The broker is away: no letter will come, whoever asked."""


def ask(*, email: str, language: str) -> None:
    """Order the letter. A known and an unknown address take the same steps in the same time."""
    user_id = User.objects.filter(email=email, is_active=True).values_list("id", flat=True).first()
    try:
        with current_app.connection_for_write(transport_options=HASTE) as broker:
            words = [user_id or NOBODY, language]
            current_app.send_task(TASK, words, connection=broker, retry=False)
    except OperationalError as away:
        logger.warning("a password letter could not be ordered: %s", type(away).__name__)
        raise LetterNotOrdered from away


def send_letter(*, user_id: int, language: str) -> None:
    """Mail the link; the worker does, so that nobody can tell by the clock who has an account."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(language):
        context = {
            "user": user,
            "organisation": settings.ORGANISATION,
            "address": _address(user),
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        subject = render_to_string("registration/password_reset_subject.txt", context)
        text = render_to_string("registration/password_reset_email.txt", context)
    try:
        send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [user.email])
    except OSError as failure:  # smtplib's too, and they carry the address: no log may have it
        logger.warning("a password letter could not be sent: %s", type(failure).__name__)


def _address(user: User) -> str:
    """Return the link on our own base: a forged Host header gets nobody a link elsewhere."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return f"{settings.BASE_URL}{reverse('partners:password-reset-confirm', args=[uid, token])}"
