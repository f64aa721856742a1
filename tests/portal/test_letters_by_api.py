"""Letters to the people of partners by the API of a provider: what it says goes by one table."""

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings

from partners import joining, letters, mail_routes
from partners.mail_routes import PROVIDER
from partners.models import Drive, Letter, Member, Milestone, Partner, User
from recruit import providers
from tests.conftest import NOON
from tests.patience import IN_TIME
from tests.provider import Api, send_by

INACTIVE = "Found inactive addresses: nina@example.org. Inactive recipients are ones that bounced."
NEXT_DAY = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def _by_api(api: Api, settings: LazySettings) -> None:
    send_by(api, settings)


@pytest.fixture
def invitation(river: Partner) -> Letter:
    joining.invite(
        partner=river,
        email="nina@example.org",
        role=Member.Role.VIEWER,
        by=None,
        language="en",
        now=NOON,
    )
    return Letter.objects.get()


@pytest.fixture
def news(olga: User, river: Partner, drive: Drive) -> Letter:
    milestone = Milestone.objects.create(
        drive=drive, partner=river, scope="day", target=50, reached_at=NOON, reached_value=51
    )
    facts = {"member": olga.memberships.get().pk, "milestone": milestone.pk}
    kind = Letter.Kind.GOAL
    return Letter.objects.create(
        kind=kind, recipient=olga.email, language="en", facts=facts, key="goal:1", owed_at=NOON
    )


def send(at=NOON) -> int:
    return letters.sweep(clock=lambda: at)


def test_a_letter_leaves(invitation: Letter, api: Api) -> None:
    assert (send(), send(NEXT_DAY)) == (1, 0)

    assert api.words()["To"] == "nina@example.org"


@pytest.mark.parametrize(
    ("answer", "attempts", "is_given_up"),
    [
        ((422, {"ErrorCode": 406, "Message": INACTIVE}), 1, True),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'."}), 1, False),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), 0, False),  # says nothing of the letter
        ((429, {}), 1, False),
        ((500, b"<h1>no"), 1, False),
        ((503, b"busy"), 1, False),
        ((200, b"not json"), 1, False),
    ],
)
def test_a_refusal_is_no_outage(
    invitation: Letter, api: Api, answer: tuple[int, object], attempts: int, is_given_up: bool
) -> None:
    api.answer = answer
    assert send() == 0
    invitation.refresh_from_db()
    assert (invitation.attempts, bool(invitation.given_up_at)) == (attempts, is_given_up)
    assert invitation.last_error.startswith("Anymail")

    api.answer = None
    assert send(NOON + timedelta(seconds=30)) == (not is_given_up)


def test_a_refusal_for_the_second_time_is_the_last(invitation: Letter, api: Api) -> None:
    api.answer = (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'."})

    for minute in range(3):
        send(NOON + timedelta(minutes=minute))

    invitation.refresh_from_db()
    assert (invitation.given_up_at, len(api.posted)) == (NOON + timedelta(minutes=1), 2)


def test_an_api_that_is_gone_costs_no_attempt_and_is_left_alone_for_a_while(
    invitation: Letter, news: Letter, api: Api, settings: LazySettings
) -> None:
    here = settings.ANYMAIL
    settings.ANYMAIL = here | {"POSTMARK_API_URL": "http://127.0.0.1:1"}
    assert send() == 0

    assert {it.attempts for it in Letter.objects.all()} == {0}
    assert mail_routes.is_resting(key=PROVIDER, now=NOON)
    settings.ANYMAIL = here
    assert send(NOON + timedelta(seconds=14)) == 0
    assert send(NOON + timedelta(seconds=30)) == 2


def test_a_silent_api_is_left_in_time_and_news_goes_there_no_second_time(
    invitation: Letter, news: Letter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "LETTER_SECONDS", 2)
    api.hangs = True
    began = time.monotonic()
    assert send() == 0
    assert time.monotonic() - began < IN_TIME
    api.hangs = False

    assert send(NEXT_DAY) == 1

    invitation.refresh_from_db()
    assert (invitation.attempts, invitation.sent_at) == (2, NEXT_DAY)
    assert len(api.posted) == 3


@pytest.mark.parametrize("answer", [(500, b"<h1>no"), (504, b""), (200, b"not json")])
def test_news_that_may_have_been_taken_is_not_sent_again(
    news: Letter, api: Api, answer: tuple[int, object]
) -> None:
    api.answer = answer
    send()
    api.answer = None

    assert (send(NEXT_DAY), len(api.posted)) == (0, 1)
    news.refresh_from_db()
    assert news.last_error.startswith("Anymail")


def test_news_that_was_not_taken_comes_later(news: Letter, api: Api) -> None:
    api.answer = (429, {})
    send()
    api.answer = None

    assert send(NEXT_DAY) == 1
