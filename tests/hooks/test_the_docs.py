"""The example that others copy from the docs is run here, word for word."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from partners import hooks
from partners.hooks import (
    addresses,
    claiming,
    endpoints,
    log,
    outcomes,
    patience,
    planning,
    wire,
)
from partners.models.hooks import MOST_KEPT, Event
from tests.hooks.conftest import sweep

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


@pytest.fixture
def is_from_rfs():
    (example,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    names: dict = {}
    exec(compile(example, "docs/webhooks.md", "exec"), names)
    return names["is_from_rfs"]


def test_the_example_believes_us_and_nobody_else(is_from_rfs, receiver, make, partner, monkeypatch):
    endpoint = make(partner)
    old = hooks.secret(endpoint=endpoint)
    hooks.rotate(endpoint=endpoint, now=timezone.now())
    hooks.ping(endpoint=endpoint, now=timezone.now())
    sweep()
    (heard,) = receiver.heard
    header, body = heard.headers["RFS-Signature"], heard.body
    new = hooks.secret(endpoint=endpoint)

    assert is_from_rfs(new, header, body)
    assert is_from_rfs(old, header, body)
    assert not is_from_rfs("whsec_another", header, body)
    assert not is_from_rfs(new, header, body.replace(b"ping", b"pong"))
    assert not is_from_rfs(new, header.replace("t=1", "t=2"), body)
    for nonsense in ("", "t=,v1=", "v1=é", "t=1", header.partition(",")[0]):
        assert not is_from_rfs(new, nonsense, body)
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert not is_from_rfs(new, header, body)


def test_the_docs_say_what_the_code_does():
    assert [it.total_seconds() for it in outcomes.WAITS] == [
        30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800,
    ]  # fmt: skip
    assert (outcomes.WARN_AT, outcomes.OFF_AT) == ((5, 10, 15), 20)
    assert (wire.CONNECT_SECONDS, wire.ALL_SECONDS, wire.MOST_READ) == (3, 10, 64 * 1024)
    assert (endpoints.MOST, addresses.LOOK_UP_SECONDS) == (10, 3)
    assert (claiming.HANDFUL, claiming.HANDFUL_SECONDS, MOST_KEPT) == (25, 2, 20)
    assert timedelta(hours=8) == patience.LONGEST
    assert log.RETENTION == timedelta(days=60) > planning.MILESTONES + planning.COMB
    for event in Event:
        assert f"| `{event.value}` |" in DOCS
