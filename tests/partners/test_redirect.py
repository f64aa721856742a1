"""Whose address a visit is counted for."""

import pytest
from django.test import RequestFactory, override_settings

from partners.arrivals import client_address


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
