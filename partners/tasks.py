"""The sweeps of partners. Late, doubled or lost runs are harmless: the rows say what is owed."""

from celery import shared_task
from django.utils import timezone

from partners import announcements, milestones, passwords, visits


@shared_task
def fold_credits() -> None:
    while milestones.fold(now=timezone.now()) == milestones.BATCH:
        pass


@shared_task
def fold_visits() -> None:
    visits.fold()


@shared_task
def announce_milestones() -> None:
    announcements.send(now=timezone.now())


@shared_task
def send_password_letter(user_id: int, language: str) -> None:
    passwords.send_letter(user_id=user_id, language=language)
