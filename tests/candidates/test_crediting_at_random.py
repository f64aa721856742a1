"""Whatever is done to credits, in whatever order and at once: each person counts once, for one."""

import threading
from dataclasses import dataclass
from dataclasses import replace as but
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candidates import crediting, signup
from candidates.audit import corrections
from candidates.consent import Agreement
from candidates.models import Consent
from candidates.signup import Answers
from partners import credits, milestones
from partners.models import Credit, Drive, Hold, Partner, ReferralLink, User
from partners.touches import Touch
from tests.conftest import NOON

CODES = ("teach-ig", "nurse", "teech-ig", "nurze")
DEEDS = ("give", "reassign", "void", "restore", "release", "refuse", "recompute", "repair", "come")
PEOPLE = 5
STEPS = st.tuples(st.sampled_from(DEEDS), st.integers(0, PEOPLE - 1), st.integers(0, 3))


@dataclass
class House:
    """Two partners, a few people, some held, and all that can be done to their credits."""

    drive: Drive
    links: list[ReferralLink]
    staffer: User
    ada: Answers

    def come(self, who: int, how: int) -> None:
        """Nobody is known yet, or everybody is; every second one throws their address away."""
        domain = "mailinator.com" if who % 2 else "example.org"
        ages = [(CODES[(who + step) % 4], step) for step in range(how + 1)]
        signup.sign_up(
            answers=but(self.ada, email=f"{who}-{how}@{domain}"),
            agreements=[Agreement(Consent.Purpose.CONTACT, "Yes.")],
            touches=[Touch(code, "", NOON - timedelta(days=9 - age)) for code, age in ages],
            now=NOON,
        )

    def do(self, deed: str, who: int, how: int) -> None:
        getattr(self, deed)(who, how)

    def give(self, who: int, how: int) -> None:
        kinds = [Credit.Kind.CONFIRMED, Credit.Kind.SCREENED, Credit.Kind.FILED]
        credits.give(candidate_uuids=self._people(who), kind=kinds[how % 3], at=NOON)

    def reassign(self, who: int, how: int) -> None:
        link = [*self.links, None][how % 3]
        credits.reassign(candidate_uuids=self._people(who), link=link, **self._words())

    def void(self, who: int, _how: int) -> None:
        credits.void(candidate_uuids=self._people(who), **self._words())

    def restore(self, who: int, _how: int) -> None:
        credits.restore(candidate_uuids=self._people(who), **self._words())

    def release(self, who: int, _how: int) -> None:
        credits.release(hold_ids=self._holds(who), author=self.staffer, now=NOON)

    def refuse(self, who: int, _how: int) -> None:
        credits.refuse(hold_ids=self._holds(who), author=self.staffer, now=NOON)

    def recompute(self, who: int, how: int) -> None:
        model = Drive.Attribution.values[how % 2]
        question = crediting.Question(self.drive, model, 5 + 5 * (how // 2), NOON)
        if who % 2:
            crediting.apply(question=question, author=self.staffer, now=NOON)
            return
        seen = crediting.dry_run(question=question)
        try:
            digest, author = seen.digest, self.staffer
            did = crediting.apply_seen(question=question, digest=digest, author=author, now=NOON)
        except crediting.LedgerMoved:
            return
        assert (did.moves, did.holds, did.deltas) == (seen.moves, seen.holds, seen.deltas)

    def repair(self, who: int, how: int) -> None:
        code = CODES[2 + how % 2]
        try:
            link = self.links[who % 2]
            crediting.repair(code=code, link=link, author=self.staffer, now=NOON)
        except crediting.CodeTaken:
            pass

    def _words(self) -> dict[str, object]:
        return {"reason": "we looked", "author": self.staffer, "now": NOON}

    def _people(self, who: int) -> list[UUID]:
        """One person, and some of those who came later."""
        signed_up = Credit.objects.filter(kind="signed_up").order_by("id")
        return list(signed_up.values_list("candidate_uuid", flat=True))[who::PEOPLE]

    def _holds(self, who: int) -> list[int]:
        return list(Hold.objects.order_by("id").values_list("pk", flat=True))[who::2]


@pytest.fixture
def house(drive: Drive, link: ReferralLink, staffer: User, ada: Answers) -> House:
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    nurse = ReferralLink.objects.create(partner=nurses, code="nurse", label="E-mail")
    house = House(drive, [link, nurse], staffer, ada)
    for who in range(PEOPLE):
        house.come(who, who % 4)
    return house


def off() -> set[str]:
    return {it.name for it in corrections.always() if not it.is_ok}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_in_whatever_order_each_person_counts_once_and_for_one(
    house: House, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        for step in steps:
            house.do(*step)
            assert off() == set(), step
        milestones.fold(now=NOON)
        assert milestones.drift() == []
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_at_once_too(house: House, seed: int) -> None:
    troubles: list[BaseException] = []

    def at_the_same_time(chance: Random) -> None:
        try:
            for _ in range(12):
                house.do(chance.choice(DEEDS), chance.randrange(PEOPLE), chance.randrange(4))
        except BaseException as trouble:  # noqa: BLE001 - told by the test itself
            troubles.append(trouble)
        finally:
            connection.close()

    chances = [Random(f"{seed} {number}") for number in range(6)]
    threads = [threading.Thread(target=at_the_same_time, args=(it,)) for it in chances]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert off() == set()
    milestones.fold(now=NOON)
    assert milestones.drift() == []
