"""Tells staff by mail that a milestone was reached."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from partners import milestones
from partners.models import Milestone

logger = logging.getLogger(__name__)


def send(*, now: datetime) -> int:
    """Announce what was reached and return how many mails left.

    Each milestone is claimed before its mail leaves: a crash in between announces it in no mail,
    never in two. What went wrong is given back at the end, to be tried at the next sweep; nothing
    more is tried after a mail server that is away.
    """
    told, failed = 0, []
    while claimed := milestones.claim_announcements(now=now, limit=1):
        try:
            _tell(claimed[0])
        except Exception as failure:  # noqa: BLE001 - whatever it was, the claim must not be lost
            logger.warning("a milestone could not be announced: %s", type(failure).__name__)
            failed += claimed
            if isinstance(failure, OSError):
                break
        else:
            told += 1
    for milestone in failed:
        milestones.give_back(milestone=milestone)
    return told


def _tell(milestone: Milestone) -> None:
    context = {"milestone": milestone, "drive": milestone.drive, "base_url": settings.BASE_URL}
    body = render_to_string("partners/emails/milestone.txt", context)
    subject, _, text = body.partition("\n")
    send_mail(subject, text.lstrip(), settings.DEFAULT_FROM_EMAIL, settings.STAFF_EMAILS)
