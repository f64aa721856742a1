"""Where a link leads, what it costs, and whose address a visit is counted for."""

import time
from dataclasses import dataclass

import pytest
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from partners import links
from partners.arrivals import client_address
from partners.models import ReferralLink
from partners.views import redirect
from recruit import memory


@pytest.mark.parametrize(
    ("hops", "address"),
    [(0, "10.0.0.9"), (1, "10.0.0.8"), (2, "192.0.2.7"), (3, "203.0.113.1"), (4, "10.0.0.9")],
)
def test_only_what_our_own_proxies_wrote_is_believed(hops: int, address: str) -> None:
    """The visitor at 192.0.2.7 wrote the first part; our two proxies added the others."""
    request = RequestFactory().get(
        "/r/x",
        headers={"x-forwarded-for": "203.0.113.1, 192.0.2.7, 10.0.0.8"},
        REMOTE_ADDR="10.0.0.9",
    )

    with override_settings(PROXY_HOPS=hops):
        assert client_address(request) == address


def leads_to(code: str, language: str = "en") -> str:
    return Client(headers={"accept-language": language}).get(f"/r/{code}")["Location"]


@pytest.mark.parametrize(
    ("destination", "english", "spanish"),
    [
        ("form", "/", "/es/"),
        ("form_en", "/", "/"),
        ("form_es", "/es/", "/es/"),
        ("live", "/live/", "/es/live/"),
    ],
)
def test_a_link_leads_where_its_partner_said(
    link: ReferralLink, destination: str, english: str, spanish: str
) -> None:
    ReferralLink.objects.update(destination=destination)

    assert (leads_to("teach-ig"), leads_to("teach-ig", "es-MX")) == (english, spanish)


def test_every_destination_has_its_page() -> None:
    assert set(redirect.PAGES) == set(ReferralLink.Destination.values)


def test_a_link_that_was_switched_off_loses_nobody(link: ReferralLink) -> None:
    ReferralLink.objects.update(destination="live", switched_off_at=timezone.now())

    assert leads_to("teach-ig") == "/"
    assert links.resolve(raw="teach-ig") is not None


def test_an_old_code_leads_to_the_link_as_it_is_now(link: ReferralLink) -> None:
    ReferralLink.objects.filter(pk=link.pk).update(code="teach-insta", destination="live")

    found = links.resolve(raw="Teach_IG")

    assert (found and found.code, leads_to("teach-ig")) == ("teach-insta", "/live/")


@dataclass
class Clock:
    """A clock that goes on only when it is told to: however slow the machine, no second passes."""

    now: float

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(time.monotonic())
    for module in (links, memory):
        monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_known_link_costs_no_query(
    link: ReferralLink, clock: Clock, django_assert_num_queries
) -> None:
    leads_to("teach-ig")

    with django_assert_num_queries(0):
        leads_to("TEACH_IG")


def test_an_unknown_code_costs_one_query_a_second(
    link: ReferralLink, clock: Clock, django_assert_num_queries
) -> None:
    leads_to("teach-ig")
    with django_assert_num_queries(1):
        for _ in range(50):
            leads_to("nobodys")

    clock.now += links.UNKNOWN_SECONDS + 0.1
    with django_assert_num_queries(1):
        leads_to("nobodys")


def test_a_flood_of_different_codes_costs_a_bounded_number_of_queries(
    link: ReferralLink, clock: Clock, django_assert_num_queries
) -> None:
    leads_to("teach-ig")

    with django_assert_num_queries(links.MOST_UNKNOWN):
        for number in range(5 * links.MOST_UNKNOWN):
            links.resolve(raw=f"nobodys-{number}")


def test_what_somebody_just_changed_is_known_at_once(link: ReferralLink) -> None:
    assert links.resolve(raw="brand-new") is None
    ReferralLink.objects.create(partner=link.partner, code="brand-new", label="New")
    links.renew()

    assert links.resolve(raw="brand-new") is not None
