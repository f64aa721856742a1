"""Whoever signs up, moves or says stop, and whomever a broadcast names: nobody else gets it."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates import broadcasts, privacy, signup
from candidates.consent import Agreement
from candidates.models import Broadcast, Candidate, Consent, FollowUp
from candidates.models.candidates import Office, Stage, Timeline
from candidates.signup import Answers
from partners import credits
from partners.models import Drive, ReferralLink, User
from partners.touches import Touch
from tests.broadcasts import drafted, release
from tests.conftest import NOON

PEOPLE = 12
ZIPS = {"10001": "NY", "60601": "IL", "96813": "HI"}
CHOICES = {
    "stages": Stage.values[:2],
    "offices": Office.values[:2],
    "states": list(ZIPS.values()),
    "languages": ["en", "es"],
    "timelines": Timeline.values[:2],
}


@pytest.fixture
def crowd(drive: Drive, link: ReferralLink, staffer: User, ada: Answers) -> list[Candidate]:
    """Twelve by one seed: some unconfirmed, some who said stop, some credited elsewhere since."""
    dice = Random(4)
    return [_somebody(number, dice, ada, link, staffer) for number in range(PEOPLE)]


def _somebody(
    number: int, dice: Random, ada: Answers, link: ReferralLink, staffer: User
) -> Candidate:
    email, at = f"p{number}@example.org", NOON - timedelta(hours=dice.randrange(72))
    told = {name[:-1]: dice.choice(CHOICES[name]) for name in ("offices", "languages", "timelines")}
    touches = [Touch("teach-ig", "", at)] if dice.random() < 0.7 else []
    signup.sign_up(
        answers=replace(ada, email=email, zip_code=dice.choice(list(ZIPS)), **told),
        agreements=[Agreement(Consent.Purpose.CONTACT, "Yes.")],
        touches=touches,
        now=at,
    )
    it = Candidate.objects.get(email_canonical=email)
    if number % 4 != 3:
        signup.confirm(candidate_id=it.id, now=NOON)
    if number % 5 == 2:
        privacy.unsubscribe(candidate_id=it.id, now=NOON)
    if number % 6 == 1:
        it.consents.update(withdrawn_at=NOON)
    if dice.random() < 0.3:
        to = dice.choice([link, None])
        credits.reassign(candidate_uuids=[it.id], link=to, reason="x", author=staffer, now=NOON)
    Candidate.objects.filter(pk=it.id).update(stage=dice.choice(CHOICES["stages"]))
    return Candidate.objects.get(pk=it.id)


def is_meant(broadcast: Broadcast, it: Candidate, partner_id: int | None, drive: Drive) -> bool:
    """Say it of one person, in plain words, as the statement says it of all."""
    named = {
        it.stage: broadcast.stages,
        it.office: broadcast.offices,
        it.state: broadcast.states,
        it.language: broadcast.languages,
        it.timeline: broadcast.timelines,
        partner_id: broadcast.partners,
    }
    day = it.signed_up_at.astimezone(drive.zone).date()
    return (
        all(not names or what in names for what, names in named.items())
        and (not broadcast.signed_up_from or day >= broadcast.signed_up_from)
        and (not broadcast.signed_up_until or day <= broadcast.signed_up_until)
        and it.confirmed_at is not None
        and it.consents.filter(purpose="contact", withdrawn_at=None).exists()
        and not privacy.suppressed(emails=[it.email_canonical])
    )


DAYS = st.none() | st.integers(-4, 1).map(lambda days: NOON.date() + timedelta(days=days))
TERMS = st.fixed_dictionaries(
    {
        **{name: st.lists(st.sampled_from(them), unique=True) for name, them in CHOICES.items()},
        "partners": st.booleans(),
        "signed_up_from": DAYS,
        "signed_up_until": DAYS,
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=TERMS)
def test_nobody_outside_the_audience_unconfirmed_or_suppressed_is_owed_it(
    crowd: list[Candidate], drive: Drive, link: ReferralLink, staffer: User, terms: dict[str, Any]
):
    terms["partners"] = [link.partner_id] if terms["partners"] else []
    broadcast = drafted(staffer, **terms)
    rita, _ = User.objects.get_or_create(email="rita@example.org", full_name="Rita")
    partners = credits.partners_of(candidate_uuids=[it.id for it in crowd])
    meant = {
        it.id
        for it in crowd
        if is_meant(broadcast, it, partners[it.id].id if it.id in partners else None, drive)
    }

    if meant:
        assert release(broadcast, rita) == len(meant) == broadcast.counted
    else:
        with pytest.raises(broadcasts.Nobody):
            release(broadcast, rita)

    owed = FollowUp.objects.filter(step=broadcast.step_id)
    assert set(owed.values_list("candidate", flat=True)) == meant


def test_the_crowd_has_all_kinds(crowd: list[Candidate], link: ReferralLink):
    """Otherwise the test above would show little."""
    partners = credits.partners_of(candidate_uuids=[it.id for it in crowd])
    assert 2 < len(partners) < PEOPLE - 2
    assert 0 < sum(it.confirmed_at is None for it in crowd) < PEOPLE / 2
    assert 0 < len(privacy.suppressed(emails=[it.email_canonical for it in crowd])) < PEOPLE / 2
    assert Consent.objects.filter(purpose="contact", withdrawn_at__isnull=False).exists()
