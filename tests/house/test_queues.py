"""What waits in the broker's queues, as Celery itself wrote it there."""

from datetime import timedelta

from django.utils import timezone

from recruit import queues, valkey
from recruit.celery import app

SWEEP = "partners.tasks.announce_milestones"


def of(name):
    return next(it for it in queues.look() if it.name == name)


def test_the_oldest_message_says_since_when_it_waits(redis):
    with app.connection_for_write() as line:
        for seconds in (9.0, 15.0):
            app.send_task(SWEEP, queue="celery", expires=seconds, connection=line)

    waiting, now = of("celery"), timezone.now()

    assert waiting.waiting == 2
    # A sweep every 5 seconds expires after 15: one that has 9 left was sent 6 ago.
    assert timedelta(seconds=5) < now - waiting.oldest_at < timedelta(seconds=8)
    assert of("bulk").waiting == 0
    assert of("bulk").oldest_at is None


def test_a_message_of_something_else_has_no_age(redis):
    valkey.client.lpush("files", "not of Celery")

    assert (of("files").waiting, of("files").oldest_at) == (1, None)


def test_without_redis_nothing_is_told(redis_away):
    assert queues.look() is None
