"""Who fails is tried ever more rarely, its managers are told, and in the end it is switched off."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from candidates import hooks as lead_hooks
from partners import hooks, letters
from partners.hooks import claiming, outcomes, wire
from partners.models import Delivery, Endpoint, Letter, Member, User
from tests.hooks.conftest import answer


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint(make, partner, organiser, clock) -> Endpoint:
    return make(partner)


def send_until(endpoint: Endpoint, clock: Clock, failures: int) -> list[int]:
    """Let time pass until so many attempts failed; return after which minutes each came."""
    begun, at = clock.now, []
    while True:
        endpoint.refresh_from_db()
        if endpoint.failures >= failures or endpoint.switched_off_at:
            return at
        if lead_hooks.sweep(clock=clock):
            at.append(int((clock.now - begun).total_seconds() // 60))
            endpoint.refresh_from_db()
        clock.now = endpoint.rests_until or clock.now + timedelta(minutes=1)


def events(endpoint: Endpoint, clock: Clock, number: int) -> list[Delivery]:
    return [hooks.ping(endpoint=endpoint, now=clock.now) for _it in range(number)]


def test_an_endpoint_that_is_down_for_an_hour_loses_nothing(receiver, endpoint, clock):
    receiver.behave = answer(503)
    sent = events(endpoint, clock, 40)
    until = clock.now + timedelta(hours=1)
    while clock.now < until:
        lead_hooks.sweep(clock=clock)
        clock.now += timedelta(seconds=30)
    tried = len(receiver.heard)
    receiver.behave = answer(200)
    while clock.now < until + timedelta(hours=2):
        lead_hooks.sweep(clock=clock)
        clock.now += timedelta(seconds=30)

    assert tried < 12
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.switched_off_at) == (0, None)
    states = Delivery.objects.filter(pk__in=[it.pk for it in sent]).values_list("state", "attempts")
    assert {state for state, _attempts in states} == {"delivered"}


def test_managers_are_warned_at_5_10_and_15_and_it_is_off_at_20(
    receiver, endpoint, partner, clock, organiser
):
    viewer = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=viewer, partner=partner)
    receiver.behave = answer(500)
    events(endpoint, clock, 30)

    at = send_until(endpoint, clock, 20)

    owed = Letter.objects.order_by("owed_at").values_list("kind", "recipient", "facts__failures")
    assert list(owed) == [
        ("hook_failing", organiser.email, 5),
        ("hook_failing", organiser.email, 10),
        ("hook_failing", organiser.email, 15),
        ("hook_off", organiser.email, 20),
    ]
    endpoint.refresh_from_db()
    assert (endpoint.off_because, endpoint.failures, len(receiver.heard)) == ("failing", 20, 20)
    assert 20 * 60 < at[-1] < 26 * 60
    assert lead_hooks.sweep(clock=clock) == 0


def test_switched_on_again_it_gets_what_was_due(receiver, endpoint, clock):
    receiver.behave = answer(500)
    events(endpoint, clock, 30)
    send_until(endpoint, clock, 20)
    receiver.behave = answer(200)

    hooks.switch_on(endpoint=endpoint, now=clock.now)
    clock.now += timedelta(days=1)
    lead_hooks.sweep(clock=clock)

    assert endpoint.deliveries.filter(state="delivered").count() == 30


def test_the_next_row_of_failures_warns_anew(receiver, endpoint, clock):
    for _row in range(2):
        receiver.behave = answer(500)
        events(endpoint, clock, 10)
        send_until(endpoint, clock, 5)
        receiver.behave = answer(200)
        clock.now += timedelta(days=1)
        lead_hooks.sweep(clock=clock)

    assert Letter.objects.filter(kind="hook_failing").count() == 2


def test_staff_are_told_of_theirs(receiver, make, clock, settings):
    settings.STAFF_EMAILS = ["a@example.org", "b@example.org"]
    staff = make()
    receiver.behave = answer(410)
    events(staff, clock, 1)

    lead_hooks.sweep(clock=clock)

    recipients = Letter.objects.filter(kind="hook_off").values_list("recipient", flat=True)
    assert sorted(recipients) == ["a@example.org", "b@example.org"]


def test_letters_name_no_path_of_the_address(receiver, endpoint, clock, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Endpoint.objects.update(address=f"{receiver.address}/T000/B000/XXXXsecretXXXX")
    receiver.behave = answer(500)
    events(endpoint, clock, 10)
    send_until(endpoint, clock, 5)
    receiver.behave = answer(410)
    clock.now += timedelta(days=1)
    lead_hooks.sweep(clock=clock)

    letters.sweep(clock=timezone.now)

    warning, off = sorted(mail.outbox, key=lambda it: "switched off" in it.subject)
    assert warning.subject == "Your webhook fails: 127.0.0.1 …XXXX"
    assert "the last 5 times" in warning.body
    assert "gone for good (410)" in off.body
    assert f"/partners/teachers/webhooks/{endpoint.pk}/" in off.body
    assert "secret" not in warning.body + off.body


def test_one_delivery_has_its_attempts_within_a_day_and_is_given_up(receiver, endpoint, clock):
    good = receiver.behave
    receiver.behave = answer(400)
    (poison,) = events(endpoint, clock, 1)
    begun = clock.now
    while poison.state == "due":
        lead_hooks.sweep(clock=clock)
        poison.refresh_from_db()
        clock.now = max(clock.now + timedelta(seconds=30), poison.due_at or clock.now)
        # Others arrive meanwhile, so the endpoint as such works.
        Endpoint.objects.update(failures=0, rests_until=None)

    assert len(receiver.heard) == len(outcomes.WAITS) + 1
    assert timedelta(hours=22) < clock.now - begun < timedelta(hours=25)

    receiver.behave = good
    assert hooks.replay(endpoint=endpoint, delivery_id=poison.pk, now=clock.now)
    lead_hooks.sweep(clock=clock)
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == ("delivered", 1)
    assert len({it.said["id"] for it in receiver.heard}) == 1


def test_replay_is_of_ones_own_and_not_of_what_is_due(receiver, make, partner, clock):
    mine, other = make(partner), make()
    (due,) = events(mine, clock, 1)
    (theirs,) = events(other, clock, 1)
    assert not hooks.replay(endpoint=mine, delivery_id=due.pk, now=clock.now)
    lead_hooks.sweep(clock=clock)

    assert not hooks.replay(endpoint=mine, delivery_id=theirs.pk, now=clock.now)
    assert (
        hooks.replay_since(endpoint=mine, since=clock.now - timedelta(hours=1), now=clock.now) == 1
    )
    assert lead_hooks.sweep(clock=clock) == 1


def test_one_failure_among_successes_lets_nobody_wait(receiver, endpoint, clock):
    bad, *good = events(endpoint, clock, 4)
    Delivery.objects.filter(pk=bad.pk).update(due_at=clock.now - timedelta(minutes=1))
    behave = receiver.behave
    refuse = answer(400)
    receiver.behave = lambda it: refuse(it) if len(receiver.heard) == 1 else behave(it)

    lead_hooks.sweep(clock=clock)

    assert endpoint.deliveries.filter(state="delivered").count() == len(good) == 3


def test_a_claim_that_was_lost_records_nothing(endpoint, clock, receiver):
    events(endpoint, clock, 1)
    (first,) = claiming.claim(now=clock.now)
    (second,) = claiming.claim(now=clock.now + timedelta(minutes=1))
    assert first.pk == second.pk

    outcomes.note(
        delivery=first, answer=wire.Answer(Delivery.Outcome.STATUS, 1, 500), now=clock.now
    )

    second.refresh_from_db()
    endpoint.refresh_from_db()
    assert (second.outcome, endpoint.failures) == ("", 0)
