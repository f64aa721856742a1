"""The sweeps of candidates. Late, doubled or lost runs are harmless: the rows say what is owed."""

from celery import shared_task
from django.utils import timezone

from candidates import exporting, followups, hooks, mailbox
from candidates.models import Lane, LeadExport
from partners import exports
from recruit import clock


@shared_task
def send_urgent() -> None:
    followups.sweep(lane=Lane.URGENT, clock=clock.now)


@shared_task
def send_bulk() -> None:
    followups.sweep(lane=Lane.BULK, clock=clock.now)


@shared_task
def read_mailbox() -> None:
    mailbox.sweep(clock=timezone.now)


@shared_task
def make_lead_files() -> None:
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)


@shared_task
def expire_lead_files() -> None:
    exports.expire(model=LeadExport, now=timezone.now())


@shared_task
def plan_hooks() -> None:
    hooks.plan(now=clock.now())


@shared_task
def send_hooks() -> None:
    hooks.sweep(clock=clock.now)
