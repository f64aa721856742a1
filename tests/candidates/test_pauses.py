"""A lane that is paused sends nothing, whoever paused it, until a colleague lets it."""

from datetime import timedelta

import pytest

from candidates import followups, pauses
from candidates.followups import claiming
from candidates.models import Candidate, FollowUp, Lane, MailPause
from candidates.signup import Answers
from partners.models import User
from tests import mails
from tests.conftest import NOON, SignUp
from tests.sink import Sink

SOON = NOON + timedelta(seconds=1)
Reason = MailPause.Reason


@pytest.fixture
def candidate(sign_up: SignUp, ada: Answers, _what_ships: None) -> Candidate:
    return sign_up(ada)


def pause(lane: Lane = Lane.URGENT, reason: Reason = Reason.BY_STAFF, **words) -> bool:
    return pauses.pause(lane=lane, reason=reason, now=SOON, **words)


def send() -> int:
    return mails.send_due(clock=lambda: SOON)


def test_a_paused_lane_sends_nothing_until_it_is_resumed(
    candidate: Candidate, staffer: User, sink: Sink
):
    pause(author=staffer)
    assert send() == 0
    assert sink.messages == []
    assert FollowUp.objects.get().attempts == 0

    assert pauses.resume(lane=Lane.URGENT, author=staffer, now=SOON)
    assert send() == 1
    assert len(sink.messages) == 1


def test_confirmations_go_on_while_bulk_is_paused(candidate: Candidate, sink: Sink):
    mails.owe(candidate, mails.REMIND, at=NOON)
    pause(Lane.BULK, Reason.BOUNCES)

    send()

    assert sink.message_ids == [f"<{mails.of(candidate).id}@example.org>"]
    assert mails.of(candidate, mails.REMIND).state == "due"


def test_a_pause_stops_what_a_worker_has_already_claimed(candidate: Candidate):
    (claimed,) = followups.claim(lane=Lane.URGENT, now=SOON)

    pause()

    assert claiming.begin(followup=claimed, now=SOON) is False
    assert FollowUp.objects.get().state == "due"


def test_what_is_paused_says_since_when_why_and_by_whom(staffer: User):
    pause(author=staffer)

    found = pauses.paused()

    assert set(found) == {Lane.URGENT}
    told = found[Lane.URGENT]
    assert (told.reason, told.author, told.since) == (Reason.BY_STAFF, staffer, SOON)


def test_pausing_twice_is_pausing_once_and_the_first_reason_stays(staffer: User):
    assert pause(author=staffer) is True
    assert pause(reason=Reason.BOUNCES) is False

    assert pauses.paused()[Lane.URGENT].reason == Reason.BY_STAFF


def test_a_restored_backup_is_the_reason_whatever_was_paused_before(staffer: User):
    pause(author=staffer)

    assert pause(reason=Reason.RESTORED) is True
    assert pause(reason=Reason.RESTORED) is False

    told = pauses.paused()[Lane.URGENT]
    assert (told.reason, told.author) == (Reason.RESTORED, None)


def test_resuming_what_is_not_paused_does_nothing(staffer: User):
    assert pauses.resume(lane=Lane.BULK, author=staffer, now=SOON) is False


def test_whoever_resumes_is_in_the_log(staffer: User, caplog):
    pause(reason=Reason.RESTORED)

    pauses.resume(lane=Lane.URGENT, author=staffer, now=SOON + timedelta(hours=1))

    assert caplog.messages[-1] == (
        f"mail that leaves urgent was resumed by user {staffer.pk} after 1:00:00: it was restored"
    )
