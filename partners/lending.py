"""A partner lends us its name: mail to those who came through it then says whom they know."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils.translation import gettext

from partners.models import Partner, User


@transaction.atomic
def lend(*, partner: Partner, by: User, now: datetime) -> None:
    """Let mails come in its name; idempotent: the first time stays."""
    if Partner.objects.filter(pk=partner.pk, lends_name_at=None).update(lends_name_at=now):
        _log(partner, by, gettext("In the portal: lends us its name from now on."))


@transaction.atomic
def take_back(*, partner: Partner, by: User) -> None:
    """Let no mail come in its name that a worker has not in hand already; idempotent."""
    lent = Partner.objects.filter(pk=partner.pk, lends_name_at__isnull=False)
    if lent.update(lends_name_at=None):
        _log(partner, by, gettext("In the portal: no longer lends us its name."))


def _log(partner: Partner, by: User, sentence: str) -> None:
    """Write it into the partner's history, which staff read in the admin."""
    LogEntry.objects.log_actions(by.pk, [partner], CHANGE, sentence, single_object=True)
