"""Whatever happens at once: every sum equals a count of the ledger, each milestone is reached once.

./test tests/partners/test_exactness.py --full      # many seeds, some minutes; --seed repeats
"""

import random

import pytest
from django.db import connection
from django.utils import timezone

from partners import milestones
from partners.milestones import folding
from partners.models import Credit, Drive, Milestone, ReferralLink
from tests.partners.turmoil import Turmoil, off

QUICK, FULL = (2, 12), (40, 60)
TARGETS = (3, 25, 60)

pytestmark = pytest.mark.django_db(transaction=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        option = metafunc.config.getoption
        first = option("seed") or random.randrange(10**6)
        times = (FULL if option("full") else QUICK)[0]
        metafunc.parametrize("seed", [first] if option("seed") else range(first, first + times))


@pytest.fixture
def turmoil(drive: Drive, link: ReferralLink, request: pytest.FixtureRequest) -> Turmoil:
    """A drive on everyone's own day, with milestones of all scopes, of it and of a partner."""
    drive.is_local_day = True
    drive.save()
    for target in TARGETS:
        for scope, base in (("day", 0), ("cumulative", drive.baseline)):
            Milestone.objects.create(drive=drive, scope=scope, target=base + target)
        goal = {"scope": "cumulative", "target": target // 3}
        Milestone.objects.create(drive=drive, partner=link.partner, **goal)
    rounds = (FULL if request.config.getoption("full") else QUICK)[1]
    seed = getattr(request.node, "callspec", None)
    return Turmoil(drive, [link, None], seed.params["seed"] if seed else 7, rounds)


def test_nothing_is_lost_or_doubled_and_no_recount_finds_anything(
    turmoil: Turmoil, seed: int
) -> None:
    turmoil.play(turmoil.cut_a_line)

    assert off() == []
    assert milestones.drift() == []
    assert (turmoil.found, turmoil.moved) == (0, set())
    stamped = Milestone.objects.exclude(reached_at=None)
    assert {it.reached_value - it.target for it in stamped} == {0}
    assert not stamped.filter(reached_by=None).exists()
    for it in Milestone.objects.filter(reached_at=None):
        assert milestones.value(milestone=it, drive=turmoil.drive) < it.target


def test_what_is_damaged_meanwhile_is_right_in_the_end(turmoil: Turmoil, seed: int) -> None:
    chance = random.Random(seed)
    turmoil.play(turmoil.cut_a_line, turmoil.damage)
    turmoil.damage(chance)
    turmoil.recount(chance)

    assert off() == []
    assert turmoil.found > 0
    assert turmoil.moved == set()


def test_a_broken_twin_whose_folders_share_no_lock_is_caught(
    turmoil: Turmoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = folding.FOLD.replace("FROM batch", "FROM (SELECT pg_sleep(0.05)) AS while_, batch")
    monkeypatch.setattr(folding, "FOLD", slow)
    monkeypatch.setattr(folding, "FOLD_LOCK", 1)

    def fold_alone(chance: random.Random) -> None:
        folding.FOLD_LOCK = chance.randrange(10**9)
        turmoil.fold(chance)

    turmoil.play(folders=fold_alone)

    assert turmoil.found or off()


def test_a_broken_twin_that_loses_a_batch_is_caught(turmoil: Turmoil) -> None:
    def stamp_and_die(_chance: random.Random) -> None:
        """What a folder would leave that stamps and adds in two transactions."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [milestones.FOLD_LOCK])
            few = Credit.objects.uncounted().order_by("pk").values("pk")[:2]
            Credit.objects.filter(pk__in=few).update(counted_at=timezone.now())
            cursor.execute("SELECT pg_advisory_unlock(%s)", [milestones.FOLD_LOCK])

    turmoil.play(stamp_and_die)

    assert turmoil.found or off()


def test_a_broken_twin_that_stamps_what_was_stamped_is_caught(
    turmoil: Turmoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses it by a trigger, which is set aside here."""
    stamp = folding.stamp

    def stamp_anew(cursor, batch, now) -> None:
        cursor.execute("SET LOCAL session_replication_role = replica")
        of_drive = Milestone.objects.filter(drive_id=batch.drive_id)
        of_drive.update(reached_at=None, reached_by=None, reached_value=None)
        stamp(cursor, batch, now)

    monkeypatch.setattr(folding, "stamp", stamp_anew)

    turmoil.play()

    assert turmoil.moved
