"""The sweeps of partners. Late, doubled or lost runs are harmless: the rows say what is owed."""

from celery import shared_task
from django.utils import timezone

from partners import digests, exports, hooks, letters, milestones, rehearsals, visits
from partners.models import NumbersExport
from recruit import clock


@shared_task
def fold_credits() -> None:
    while milestones.fold(now=timezone.now()) == milestones.BATCH:
        pass


@shared_task
def look_back_at_milestones() -> None:
    milestones.look_back(now=timezone.now())


@shared_task
def watch_sums() -> None:
    milestones.watch(now=timezone.now())


@shared_task
def fold_visits() -> None:
    visits.fold()


@shared_task
def announce_milestones() -> None:
    milestones.announce(now=timezone.now())


@shared_task
def owe_goals() -> None:
    digests.owe_goals(now=timezone.now())


@shared_task
def owe_digests() -> None:
    digests.owe_digests(now=timezone.now())


@shared_task
def send_letters() -> None:
    letters.sweep(clock=clock.now)


@shared_task
def make_number_files() -> None:
    exports.work(model=NumbersExport, make=exports.numbers.make, clock=timezone.now)


@shared_task
def expire_number_files() -> None:
    exports.expire(model=NumbersExport, now=timezone.now())


@shared_task
def expire_deliveries() -> None:
    hooks.expire(now=timezone.now())


@shared_task
def tend_rehearsal() -> None:
    rehearsals.tend(clock=timezone.now)
