"""Mail by the API of a provider."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage, get_connection

from candidates.models import Candidate, FollowUp, Step
from candidates.signup import Answers
from partners import mail_routes
from recruit import providers
from tests import mails
from tests.conftest import NOON, SignUp
from tests.patience import IN_TIME
from tests.provider import Api, send_by

INACTIVE = "Found inactive addresses: {}. Inactive recipients are ones that bounced."


@pytest.fixture(params=["Postmark", "Mailgun", "SparkPost"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _by_api(
    request: pytest.FixtureRequest, settings: LazySettings, api: Api, _what_ships: None
) -> None:
    chosen = "Postmark"
    if "provider" in request.fixturenames:
        chosen = request.getfixturevalue("provider")
    send_by(api, settings, chosen=chosen)


@pytest.fixture
def candidate(sign_up: SignUp, ada: Answers) -> Candidate:
    Step.objects.exclude(number=1).update(removed_at=NOON)
    return sign_up(ada)


def send(at: timedelta = timedelta(0)) -> int:
    return mails.send_due(clock=lambda: NOON + at)


def headers(words: dict[str, Any]) -> dict[str, str]:
    """Return the headers of a letter in whichever way this API takes them."""
    if "Headers" in words:
        return {it["Name"].lower(): it["Value"] for it in words["Headers"]}
    if "content" in words:
        return {name.lower(): value for name, value in words["content"]["headers"].items()}
    return {name[2:].lower(): value for name, value in words.items() if name.startswith("h:")}


def test_a_letter_leaves_with_its_headers_and_nothing_in_it_is_counted(
    candidate: Candidate, api: Api, provider: str
) -> None:
    assert send() == 1

    followup = mails.of(candidate)
    words = api.words()
    said = headers(words)
    assert followup.state == FollowUp.State.SENT
    assert said["message-id"] == f"<{followup.id}@example.org>"
    assert said["list-unsubscribe"].startswith("<http")
    assert said["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    uncounted = {
        "Postmark": lambda: (words["TrackOpens"], words["TrackLinks"]) == (False, "None"),
        "Mailgun": lambda: (words["o:tracking-opens"], words["o:tracking-clicks"]) == ("no", "no"),
        "SparkPost": lambda: (
            not words["options"]["open_tracking"] and not words["options"]["click_tracking"]
        ),
    }
    assert uncounted[provider]()


def test_the_provider_is_told_the_followup_and_nothing_else(
    candidate: Candidate, api: Api, provider: str
) -> None:
    send()

    words = api.words()
    followup = str(mails.of(candidate).id)
    told = {
        "Postmark": lambda: words["Metadata"],
        "Mailgun": lambda: {it[2:]: words[it] for it in words if it.startswith("v:")},
        "SparkPost": lambda: words["metadata"],
    }
    assert told[provider]() == {"followup": followup}


def test_postmark_keeps_our_name_for_the_letter(candidate: Candidate, api: Api) -> None:
    send()

    assert headers(api.words())["x-pm-keepid"] == "true"


def test_one_connection_carries_many_letters(candidate: Candidate, api: Api) -> None:
    letter = mails.written(mails.of(candidate))
    mail_server = get_connection()
    mail_server.open()
    for _ in range(3):
        mail_server.send_messages([letter])
    mail_server.close()

    assert (len(api.posted), api.connections) == (3, 1)


@pytest.mark.parametrize(
    ("answer", "state", "attempts"),
    [
        ((422, {"ErrorCode": 406, "Message": INACTIVE.format("ada@example.org")}), "failed", 1),
        ((422, {"ErrorCode": 406, "Message": INACTIVE.format("a@other.example")}), "due", 1),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'x'."}), "due", 1),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'."}), "due", 1),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), "due", 0),  # says nothing of the letter
        ((429, {}), "due", 1),
        ((500, b"<h1>no"), "due", 1),
        ((503, b"busy"), "due", 1),
        ((200, b"not json"), "due", 1),
    ],
)
def test_what_the_provider_says_goes_by_the_table_for_mail_servers(
    candidate: Candidate, api: Api, answer: tuple[int, object], state: str, attempts: int
) -> None:
    api.answer = answer

    send()

    followup = mails.of(candidate)
    assert (followup.state, followup.attempts, followup.sent_at) == (state, attempts, None)


def test_a_letter_that_was_put_off_arrives_when_the_provider_is_back(
    candidate: Candidate, api: Api
) -> None:
    api.answer = (503, b"busy")
    send()
    api.answer = None

    assert send(timedelta(minutes=5)) == 1

    assert mails.of(candidate).state == FollowUp.State.SENT


def test_a_silent_provider_and_a_slow_one_are_left_in_time(
    candidate: Candidate, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "LETTER_SECONDS", 2)
    for trouble in ("hangs", "drips"):
        api.answer = (200, {"Message": "x" * 500})
        setattr(api, trouble, True)
        begun = time.monotonic()

        send(timedelta(hours=9) if trouble == "drips" else timedelta(0))

        assert time.monotonic() - begun < IN_TIME, trouble
        assert mails.of(candidate).state == FollowUp.State.DUE
        setattr(api, trouble, False)
    assert mails.of(candidate).attempts == 2


def test_a_provider_that_is_gone_is_an_outage(candidate: Candidate, api: Api) -> None:
    api.shutdown()
    api.server_close()

    send()

    followup = mails.of(candidate)
    assert (followup.state, followup.attempts) == (FollowUp.State.DUE, 0)
    assert "APIError" in followup.last_error
    assert mail_routes.is_resting(key=mail_routes.PROVIDER, now=NOON)


def test_other_mail_of_ours_leaves_too(api: Api, provider: str, db: None) -> None:
    letter = EmailMessage("Hello", "You.", "us@example.org", ["ada@example.org"])

    assert get_connection().send_messages([letter]) == 1
