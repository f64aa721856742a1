"""Two organisations, their people and links, and a drive whose day is 14 November in New York."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from partners.models import Drive, Member, Partner, ReferralLink, User

PASSWORD = "a-long-enough-secret"


@pytest.fixture
def drive(db) -> Drive:
    return Drive.objects.create(
        name="Run for Office Day",
        slug="run-for-office-day",
        day_on=date(2026, 11, 14),
        time_zone="America/New_York",
        opens_at=datetime(2026, 10, 1, tzinfo=UTC),
    )


@pytest.fixture
def river(db) -> Partner:
    return Partner.objects.create(name="River Valley Organizers", slug="river-valley")


@pytest.fixture
def harbor(db) -> Partner:
    return Partner.objects.create(name="Harbor City Votes", slug="harbor-city")


@pytest.fixture
def link(river) -> ReferralLink:
    return ReferralLink.objects.create(
        partner=river, code="river-mail", label="E-mail 2", channel="email"
    )


@pytest.fixture
def harbor_link(harbor) -> ReferralLink:
    return ReferralLink.objects.create(
        partner=harbor, code="harbor-bio", label="Bio", channel="instagram"
    )


@pytest.fixture
def olga(river) -> User:
    """A manager at River Valley Organizers."""
    user = User.objects.create_user("olga@example.org", PASSWORD, full_name="Olga Organizer")
    Member.objects.create(user=user, partner=river, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def staff(db) -> User:
    return User.objects.create_user(
        "staff@example.org", PASSWORD, full_name="Sam Staff", is_staff=True
    )


@pytest.fixture
def as_olga(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client
