"""The people at the desk, and the leads on it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from candidates.models import Candidate
from partners.models import Credit, Drive, Partner, ReferralLink, User
from tests import mails

NOW = datetime(2026, 11, 14, 17, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_superuser(
        "sam@example.org", "long-enough-words", full_name="Sam Staff"
    )


@pytest.fixture
def robin(db: None) -> User:
    return User.objects.create_user("robin@example.org", full_name="Robin Reyes", is_staff=True)


@pytest.fixture
def reader(robin: User) -> User:
    """A colleague who may look at leads and touch none."""
    robin.user_permissions.add(Permission.objects.get(codename="view_candidate"))
    return robin


@pytest.fixture
def permit() -> Callable[..., User]:
    """Let a colleague do more: `permit(robin, "change_candidate")`."""

    def permit(user: User, *codenames: str) -> User:
        user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
        return user

    return permit


@pytest.fixture
def desk_of() -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def link(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Voters", slug="example-voters")
    return ReferralLink.objects.create(partner=partner, code="voters-bio", label="Instagram bio")


@pytest.fixture
def lead(link: ReferralLink) -> Callable[..., Candidate]:
    """Raise a hand: `lead("Ada")` came through the link, `lead("Bo", organic=True)` did not."""

    def raise_hand(first_name: str = "Ada", *, organic: bool = False, **fields: Any) -> Candidate:
        number = Candidate.objects.count()
        email = f"{first_name.lower()}{number}@example.org"
        answers = {
            "last_name": "Example", "email": email, "email_canonical": email, "zip_code": "60601",
            "state": "IL", "office": "council", "timeline": "next_year", "language": "en",
            "signed_up_at": NOW,
        }  # fmt: skip
        candidate = Candidate.objects.create(first_name=first_name, **(answers | fields))
        Credit.objects.create(
            candidate_uuid=candidate.pk, drive=Drive.objects.current(NOW),
            link=None if organic else link, partner=None if organic else link.partner,
            kind="signed_up", counts_as="signed_up", at=NOW, recorded_at=NOW,
        )  # fmt: skip
        mails.owe(candidate, at=NOW)
        return candidate

    return raise_hand
