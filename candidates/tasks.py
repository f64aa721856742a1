"""The sweep of follow-ups. Late, doubled or lost runs are harmless: the rows say what is owed."""

from celery import shared_task
from django.utils import timezone

from candidates import followups


@shared_task
def send_due() -> None:
    followups.sweep(clock=timezone.now)
