"""People who get mail, and where they got here from."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from candidates.models import Candidate, FollowUp, Touch
from candidates.models.candidates import Office, Timeline
from partners.models import Partner, ReferralLink
from tests import mails
from tests.sink import Sink

NOON = datetime(2026, 11, 14, 17, 0, tzinfo=UTC)


@pytest.fixture
def somebody(db: None) -> Callable[..., Candidate]:
    def make(**differing: str) -> Candidate:
        usual = {
            "first_name": "Zoë",
            "last_name": "O'Brien",
            "email": "zoe@example.org",
            "language": "en",
        }
        facts = usual | differing
        return Candidate.objects.create(
            **facts,
            email_canonical=facts["email"],
            zip_code="10001",
            state="NY",
            office=Office.NOT_SURE,
            timeline=Timeline.EXPLORING,
            signed_up_at=NOON,
        )

    return make


@pytest.fixture
def zoe(somebody: Callable[..., Candidate]) -> Candidate:
    return somebody()


@pytest.fixture
def owed() -> Callable[..., FollowUp]:
    def owe(candidate: Candidate, place: tuple[str, int] = mails.CONFIRM) -> FollowUp:
        return mails.owe(candidate, place, at=NOON)

    return owe


@pytest.fixture
def link(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Neighbors Who Run", slug="neighbors")
    return ReferralLink.objects.create(partner=partner, code="nwr-bio", label="Instagram bio")


@pytest.fixture
def zoe_came_through(zoe: Candidate) -> Callable[[ReferralLink], Touch]:
    def came(link: ReferralLink) -> Touch:
        return Touch.objects.create(candidate=zoe, link=link, raw_code=link.code, at=NOON)

    return came


@pytest.fixture
def arrived(sink: Sink) -> Callable[[FollowUp], EmailMessage]:
    def send(followup: FollowUp) -> EmailMessage:
        assert mails.written(followup).send() == 1
        return sink.messages[-1]

    return send
