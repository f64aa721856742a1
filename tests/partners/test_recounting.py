"""What drifts from the ledger is found, repaired and told: beside everything else that goes on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.db.models import F
from django.test import Client

from partners import breakdowns, milestones, tallies
from partners.models import (
    BreakdownTally,
    Drifted,
    Drive,
    MinuteTally,
    Partner,
    Recount,
    ReferralLink,
    StateTally,
    Tally,
    Total,
    User,
)
from tests.conftest import held_elsewhere
from tests.partners.test_folding import LATER, are_totals_exact, is_exact, write

KINDS = (Tally, Total, StateTally, BreakdownTally, MinuteTally)
HOUR = timedelta(hours=1)


@pytest.fixture
def folded(drive: Drive, link: ReferralLink) -> Drive:
    write(drive, 3, link=link, state="OH", office="council")
    write(drive, 2, state="TX")
    milestones.fold(now=LATER)
    return drive


def test_what_drifted_is_repaired_and_told_row_by_row(
    folded: Drive, link: ReferralLink, caplog
) -> None:
    Tally.objects.filter(link=link).update(value=7)
    Total.objects.filter(link=None).delete()
    StateTally.objects.filter(state="OH").update(value=1)
    BreakdownTally.objects.filter(name="council").update(value=9)
    MinuteTally.objects.update(value=6)

    assert milestones.recount(now=LATER) == 5

    assert is_exact()
    assert are_totals_exact()
    assert milestones.drift() == []
    assert "drifted" in caplog.text
    told = Recount.objects.get()
    rows = told.rows.order_by("sums").values_list("sums", "link", "place", "told", "counted")
    assert (told.drifted, list(rows)) == (
        5,
        [
            ("breakdown", None, "office council", 9, 3),
            ("minute", None, "2026-11-14 17:00+00:00", 6, 5),
            ("state", None, "OH 2026-11-14", 1, 3),
            ("tally", link.pk, "2026-11-14 17:00+00:00", 7, 3),
            ("total", None, "", 0, 2),
        ],
    )


@pytest.mark.parametrize("name", ["teach-ig", ""])
def test_what_stands_under_the_wrong_partner_goes_back(
    folded: Drive, link: ReferralLink, name: str
) -> None:
    """Too much for the one, too little for the other: both are told."""
    wrong = Partner.objects.create(name="Example Nurses", slug="nurses")
    theirs = link if name else None
    for sums in (Tally, Total):
        sums.objects.filter(link=theirs).update(partner=wrong, value=F("value") + 1)

    assert milestones.recount(now=LATER) == 4

    assert is_exact()
    assert are_totals_exact()
    right = link.partner if name else None
    told = Drifted.objects.filter(sums="total").values_list("partner", "told", "counted")
    count = 3 if name else 2
    assert set(told) == {(wrong.pk, count + 1, 0), (right and right.pk, 0, count)}


def test_what_is_folded_under_the_wrong_partner_before_the_repair_is_right_after_it(
    folded: Drive, link: ReferralLink, monkeypatch
) -> None:
    wrong = Partner.objects.create(name="Example Nurses", slug="nurses")
    Tally.objects.filter(link=link).update(partner=wrong)
    between_look_and_repair(monkeypatch, fold_some(folded, link))

    milestones.recount(now=LATER)

    monkeypatch.undo()
    assert (Tally.objects.get(link=link).value, milestones.drift()) == (7, [])


def test_the_desk_says_so_until_a_colleague_has_looked_into_it(
    folded: Drive, client: Client, staffer: User
) -> None:
    Tally.objects.update(value=9)
    milestones.recount(now=LATER)
    client.force_login(staffer)
    told = Recount.objects.get()
    words = "2 numbers differed from the ledger"
    assert words in client.get("/admin/").text
    assert "2026-11-14 17:00" in client.get(f"/admin/partners/recount/{told.pk}/change/").text

    seen = {"action": "looked_into", "_selected_action": told.pk}
    client.post("/admin/partners/recount/", seen)

    assert words not in client.get("/admin/").text
    told.refresh_from_db()
    assert told.seen_by == staffer


def test_where_nothing_drifted_that_is_told_too(folded: Drive) -> None:
    assert milestones.recount(now=LATER) == 0

    assert (Recount.objects.get().drifted, Drifted.objects.count()) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_all_rows_that_were_lost_come_back(folded: Drive, kind: type) -> None:
    lost = kind.objects.count()
    before = set(kind.objects.values_list("value"))
    kind.objects.all().delete()

    assert milestones.recount(now=LATER) == lost

    assert set(kind.objects.values_list("value")) == before


def between_look_and_repair(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object]) -> None:
    look = breakdowns.drift

    def look_and_do(**words: object) -> object:
        found = look(**words)
        deed()
        return found

    monkeypatch.setattr(breakdowns, "drift", look_and_do)


def fold_some(drive: Drive, link: ReferralLink) -> Callable[[], object]:
    def deed() -> None:
        write(drive, 4, link=link, state="OH")
        milestones.fold(now=LATER + HOUR)

    return deed


def test_what_is_folded_between_the_look_and_the_repair_is_in_the_sums(
    folded: Drive, link: ReferralLink, monkeypatch
) -> None:
    Tally.objects.filter(link=link).update(value=7)
    Total.objects.update(value=0)
    between_look_and_repair(monkeypatch, fold_some(folded, link))

    assert milestones.recount(now=LATER) == 3

    monkeypatch.undo()
    assert Tally.objects.get(link=link).value == 7
    assert milestones.drift() == []


def test_a_broken_twin_that_sets_what_it_saw_is_caught(
    folded: Drive, link: ReferralLink, monkeypatch
) -> None:
    Tally.objects.filter(link=link).update(value=8)
    between_look_and_repair(monkeypatch, fold_some(folded, link))

    def set_it(*, wrong: list[tallies.Drift], **_: object) -> None:
        for it in wrong:
            Tally.objects.filter(link=it.link_id, hour_at=it.hour_at).update(value=it.counted)

    monkeypatch.setattr(tallies, "repair", set_it)
    milestones.recount(now=LATER)

    monkeypatch.undo()
    assert [it.told for it in milestones.drift()] == [3]


class TestTheWatch:
    """It runs by itself: what is due is read from what was looked at before."""

    @pytest.fixture
    def looked(self, folded: Drive) -> None:  # noqa: ARG002 - counted before it is looked at
        milestones.watch(now=LATER)

    @pytest.mark.usefixtures("folded")
    def test_the_first_look_is_whole(self) -> None:
        milestones.watch(now=LATER)

        assert Recount.objects.get().is_whole

    @pytest.mark.usefixtures("looked")
    def test_within_the_hour_nothing_is_read(self, django_assert_num_queries) -> None:
        Tally.objects.update(value=9)

        with django_assert_num_queries(1):
            assert milestones.watch(now=LATER + HOUR / 2) == 0

    @pytest.mark.usefixtures("looked")
    def test_an_hour_later_a_look_at_the_whole_is_enough(self) -> None:
        assert milestones.watch(now=LATER + 2 * HOUR) == 0

        assert [it.is_whole for it in Recount.objects.order_by("id")] == [True, False]

    @pytest.mark.usefixtures("looked")
    @pytest.mark.parametrize("kind", KINDS)
    def test_what_is_not_level_is_recounted_at_once(self, kind: type) -> None:
        one = kind.objects.latest("id")
        kind.objects.filter(pk=one.pk).update(value=F("value") + 1)

        assert milestones.watch(now=LATER + 2 * HOUR) == 1

    @pytest.mark.usefixtures("looked")
    def test_what_evens_out_is_found_within_a_day(self) -> None:
        one, other = Tally.objects.order_by("id")
        Tally.objects.filter(pk=one.pk).update(value=F("value") + 1)
        Tally.objects.filter(pk=other.pk).update(value=F("value") - 1)

        assert milestones.watch(now=LATER + 2 * HOUR) == 0
        assert milestones.watch(now=LATER + 25 * HOUR) == 2

    @pytest.mark.usefixtures("looked")
    def test_what_is_not_counted_yet_is_no_drift(self, drive: Drive) -> None:
        write(drive, 3)

        assert milestones.is_level()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("folded")
class TestTheLocks:
    def test_a_folder_at_work_does_not_hold_up_the_look(self) -> None:
        with held_elsewhere(milestones.FOLD_LOCK):
            assert milestones.recount(now=LATER) == 0

    def test_the_repair_waits_for_the_folder(self) -> None:
        Tally.objects.update(value=9)
        with held_elsewhere(milestones.FOLD_LOCK), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            with pytest.raises(DatabaseError, match="lock timeout"):
                milestones.recount(now=LATER)
            cursor.execute("RESET lock_timeout")

    def test_a_second_recount_leaves_at_once(self) -> None:
        Tally.objects.update(value=9)
        with held_elsewhere(milestones.RECOUNT_LOCK):
            assert milestones.recount(now=LATER) == 0

        assert milestones.recount(now=LATER) == 2
