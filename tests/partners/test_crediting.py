"""Where credit goes, held to a tiny second opinion: model x window x order of touches."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners import credits, links
from partners.models import Drive, ReferralLink
from partners.touches import Touch
from tests.conftest import NOON

KNOWN = ("teach-ig", "nurse", "poster")
# Minutes before the sign-up: ties, the edge of a window, and a day that is too old.
AGES = st.sampled_from([0, 1, 1, 59, 120, 24 * 60 - 1, 24 * 60, 24 * 60 + 1, 5 * 24 * 60, 95_000])
TOUCHES = st.lists(st.tuples(st.sampled_from([*KNOWN, "teech-ig"]), AGES), max_size=8)


@pytest.fixture
def three_links(link: ReferralLink) -> dict[str, ReferralLink]:
    others = [
        ReferralLink.objects.create(partner=link.partner, code=code, label=code)
        for code in KNOWN[1:]
    ]
    return {it.code: it for it in (link, *others)}


def second_opinion(came: list[tuple[str, int]], model: str, days: int) -> str | None:
    """Walk by hand: of two at the same minute, the one named later came later."""
    best: tuple[int, str] | None = None
    for code, age in came:
        if code not in KNOWN or age > days * 24 * 60:
            continue
        if (
            best is None
            or (model == "last" and age <= best[0])
            or (model == "first" and age > best[0])
        ):
            best = (age, code)
    return best and best[1]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(came=TOUCHES, model=st.sampled_from(["last", "first"]), days=st.sampled_from([1, 5, 90]))
def test_the_model_the_window_and_the_order_of_touches_decide(
    three_links: dict[str, ReferralLink], came: list[tuple[str, int]], model: str, days: int
) -> None:
    drive = Drive(attribution=model, window_days=days)
    touches = [Touch(code, "", NOON - timedelta(minutes=age)) for code, age in came]

    at_the_door = credits.decide(touches=touches, drive=drive, at=NOON)
    known = [(links.resolve(raw=it.raw_code), it.at) for it in touches]
    stored = [credits.Came(link, at) for link, at in known if link]
    later = credits.choose(came=stored, attribution=model, window_days=days, at=NOON)

    expected = second_opinion(came, model, days)
    assert (at_the_door.link and at_the_door.link.code) == expected
    assert (later.link and later.link.code) == expected
    if expected:
        assert at_the_door.reason == later.reason


def test_the_reason_names_the_link_and_how_long_ago(drive: Drive, link: ReferralLink) -> None:
    came = [Touch("teach-ig", "", NOON - timedelta(days=2))]

    decision = credits.decide(touches=came, drive=drive, at=NOON)

    assert decision.reason == "last visit before sign-up, via 'Instagram bio', 2 days earlier"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "0 minutes earlier"),
        (timedelta(minutes=1), "1 minute earlier"),
        (timedelta(minutes=119), "119 minutes earlier"),
        (timedelta(hours=47), "47 hours earlier"),
    ],
)
def test_staff_read_how_long_ago_in_good_english(
    drive: Drive, link: ReferralLink, ago: timedelta, words: str
) -> None:
    decision = credits.decide(touches=[Touch("teach-ig", "", NOON - ago)], drive=drive, at=NOON)

    assert decision.reason.endswith(f", {words}")


def test_a_clock_that_is_ahead_makes_no_visit_after_the_sign_up(
    drive: Drive, link: ReferralLink
) -> None:
    came = [Touch("teach-ig", "", NOON + timedelta(seconds=2))]

    decision = credits.decide(touches=came, drive=drive, at=NOON)

    assert decision.reason == "last visit before sign-up, via 'Instagram bio', 0 minutes earlier"


def test_the_longest_label_still_fits_into_the_ledger(sign_up, ada, link: ReferralLink) -> None:
    link.label = "ñ" * 80
    link.save()

    candidate = sign_up(ada, "teach-ig")

    line = credits.lines_of(candidate_uuids=[candidate.id])[candidate.id][0]
    assert link.label in line.reason
    assert len(line.reason) <= credits.LONGEST_REASON
