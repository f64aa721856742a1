"""Tells staff by mail that a milestone was reached."""

import logging
import smtplib
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
    never in two. A mail that the server refuses is tried again at the next sweep.
    """
    claimed = milestones.claim_announcements(now=now)
    return sum(_tell(milestone) for milestone in claimed)


def _tell(milestone: Milestone) -> bool:
    context = {"milestone": milestone, "drive": milestone.drive, "base_url": settings.BASE_URL}
    body = render_to_string("partners/emails/milestone.txt", context)
    subject, _, text = body.partition("\n")
    try:
        send_mail(subject, text.lstrip(), settings.DEFAULT_FROM_EMAIL, settings.STAFF_EMAILS)
    except (smtplib.SMTPException, OSError) as failure:
        milestones.give_back(milestone=milestone)
        logger.warning("a milestone could not be announced: %s", type(failure).__name__)
        return False
    return True
