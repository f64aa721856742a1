"""Milestones that are told of in one transaction, whose letters are owed in another, much later."""

import time
from datetime import datetime

from partners import letters, milestones
from partners.milestones import announcing
from partners.models import Milestone

SECONDS = 2


def announce(*, now: datetime) -> int:
    untold = list(Milestone.objects.filter(reached_at__isnull=False, announced_at=None))
    Milestone.objects.filter(id__in=[it.id for it in untold]).update(announced_at=now)
    time.sleep(SECONDS if untold else 0)
    return letters.owe_all(owed=[it for one in untold for it in announcing._letters(one, now)])


milestones.announce = announce
