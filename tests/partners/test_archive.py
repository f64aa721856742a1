"""The archive: what a drive ended with, what was announced, what holds now, and for whom."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from partners import archive, milestones
from partners.models import Credit, Drive, ReferralLink
from tests.conftest import NOON
from tests.partners.test_folding import write

LATER = NOON + timedelta(days=3)


def correct(line: Credit, *, kind: str = "voided", amount: int = -1, at: object = LATER) -> None:
    write(
        line.drive,
        1,
        candidate_uuid=line.candidate_uuid,
        kind=kind,
        counts_as="signed_up",
        amount=amount,
        recorded_at=at,
    )


@pytest.fixture
def over(drive: Drive, link: ReferralLink) -> Drive:
    """Seven came on the day, five were the target; one was taken back then, two in the days after,
    one of those was given back, and one was moved to a link."""
    drive.milestones.create(scope="day", target=5)
    drive.milestones.create(scope="cumulative", target=15_000)
    write(drive, 6)
    milestones.fold(now=NOON)
    write(drive, 1, link=link, at=NOON + timedelta(hours=1))
    lines = list(Credit.objects.order_by("id"))
    correct(lines[0], at=NOON + timedelta(hours=2))
    correct(lines[1])
    correct(lines[2])
    correct(lines[2], amount=1)
    correct(lines[3], kind="reassigned", amount=-1)
    correct(lines[3], kind="reassigned", amount=1)
    milestones.fold(now=LATER)
    return drive


def test_final_announced_and_settled_are_three_numbers(over: Drive) -> None:
    record = archive.records(now=LATER)["day-2026"]

    assert (record.final, record.announced, record.settled) == (6, 5, 5)
    assert record.goal == 5
    assert record.corrections == archive.Corrections(taken_back=3, given_back=1, moved=1, late=-1)


def test_a_drive_that_is_on_has_nothing_final_yet(over: Drive) -> None:
    assert [it.is_over for it in archive.records(now=NOON).values()] == [False]


def test_the_drive_that_is_always_open_is_none_to_look_back_on(client: Client, db: None) -> None:
    page = client.get("/drives/").content.decode()

    assert Drive.objects.get().slug == "every-day"
    assert "No drive has begun yet" in page
    assert client.get("/drives/every-day/").status_code == 404


def test_a_drive_that_has_not_opened_is_not_told(drive: Drive, client: Client) -> None:
    drive.milestones.create(scope="day", target=5)
    drive.opens_at = timezone.now() + timedelta(days=1)
    drive.save()

    assert client.get("/drives/day-2026/").status_code == 404


def test_its_day_is_told_by_the_hour(over: Drive) -> None:
    detail = archive.detail(slug="day-2026", now=LATER)

    assert detail is not None
    assert (len(detail.steps), detail.is_by_hour) == (24, True)
    assert {at: n for at, n in detail.steps if n} == {NOON: 4, NOON + timedelta(hours=1): 1}


def test_many_days_are_told_by_the_day_in_the_drives_own_zone(over: Drive) -> None:
    Drive.objects.update(last_day_on=over.day_on + timedelta(days=4))

    detail = archive.detail(slug="day-2026", now=LATER)

    assert detail is not None
    assert ([n for _at, n in detail.steps], detail.is_by_hour) == ([5, 0, 0, 0, 0], False)
    assert detail.steps[0][0] == over.span[0]


def test_the_page_of_a_drive_says_all_of_it(over: Drive, client: Client) -> None:
    over.baseline_source = "Counted by hand"
    over.save()

    page = " ".join(client.get("/drives/day-2026/").content.decode().split())

    for told in (
        'When the day ended</dt><dd class="figure">6',
        'Announced</dt><dd class="figure">5',
        'Settled</dt><dd class="figure">5',
        'Sign-ups taken back: <strong class="figure">3</strong>',
        "Counted by hand",
        "holds",
        "/drives/day-2026/totals.json",
    ):
        assert told in page, told


@pytest.mark.parametrize(
    "address",
    ["/drives/", "/drives/day-2026/", "/es/drives/day-2026/", "/drives/day-2026/totals.json"],
)
def test_pages_cost_no_query_once_they_were_read(
    over: Drive, client: Client, address: str, django_assert_num_queries
) -> None:
    client.get(address)

    with django_assert_num_queries(0):
        response = client.get(address)

    assert response.status_code == 200
    assert response["Cache-Control"].startswith("public, max-age=1, stale-while-revalidate")


def test_what_is_not_there_costs_no_query_either(
    over: Drive, client: Client, django_assert_num_queries
) -> None:
    client.get("/drives/")

    with django_assert_num_queries(0):
        answers = [client.get(f"/drives/no-such-{it}/totals.json") for it in range(3)]
        page = client.get("/es/drives/no-such-drive/")

    assert {it.status_code for it in (*answers, page)} == {404}
    assert answers[0]["Content-Type"] == "application/json"
    assert archive._details == {}


def test_the_cost_does_not_grow_with_drives(over: Drive, django_assert_num_queries) -> None:
    for number in range(3):
        other = Drive.objects.create(
            name="Sample Day",
            slug=f"sample-{number}",
            day_on=over.day_on,
            opens_at=over.opens_at,
        )
        other.milestones.create(scope="day", target=7)

        with django_assert_num_queries(4):
            archive.forget()
            assert len(archive.records(now=LATER)) == number + 2


@pytest.mark.usefixtures("years")
class TestManyDrives:
    """What was once told of a drive is told for ever, on a page and at its own address."""

    @pytest.fixture
    def years(self, over: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two drives fill a page; the always open one of 2017 is on the third, and is not told."""
        monkeypatch.setattr(archive, "MOST_DRIVES", 2)
        for year in (2025, 2024, 2023):
            day = over.day_on.replace(year=year)
            opens_at = over.opens_at.replace(year=year)
            drive = Drive.objects.create(
                name=f"{year}", slug=f"{year}", day_on=day, opens_at=opens_at
            )
            drive.milestones.create(scope="day", target=7)

    def test_older_ones_are_on_the_next_page(self, client: Client) -> None:
        first, second = client.get("/drives/").text, client.get("/drives/?page=2").text

        assert re.findall(r'href="/drives/([^/"]+)/"', first) == ["day-2026", "2025"]
        assert re.findall(r'href="/drives/([^/"]+)/"', second) == ["2024", "2023"]
        assert 'rel="next" href="?page=2"' in first
        assert 'rel="prev" href="?page=1"' in second

    def test_each_has_its_own_page(self, client: Client) -> None:
        for slug in ("day-2026", "2025", "2024", "2023"):
            assert client.get(f"/drives/{slug}/").status_code == 200

    def test_a_page_that_is_not_there_costs_no_query(
        self, client: Client, django_assert_num_queries
    ) -> None:
        assert "No drive has begun" not in client.get("/drives/?page=3").text
        kept = dict(archive._pages)

        with django_assert_num_queries(0):
            answers = [client.get(f"/drives/?page={it}").status_code for it in (0, 4, 9999)]

        assert (answers, archive._pages) == ([404, 404, 404], kept)

    @pytest.mark.parametrize("page", ["", "x", "-1", "٣", "10000", "1.0"])
    def test_what_is_no_page_is_refused(self, client: Client, page: str) -> None:
        assert client.get("/drives/", {"page": page}).status_code == 400


def test_the_numbers_of_a_drive_stay_when_another_is_on(over: Drive, client: Client) -> None:
    Drive.objects.create(
        name="Next", slug="next", day_on=over.day_on + timedelta(days=365), opens_at=LATER
    )

    told = client.get("/drives/day-2026/totals.json")

    assert (told.json()["drive"], told.json()["today"]["count"]) == ("day-2026", 5)
    again = client.get("/drives/day-2026/totals.json", headers={"If-None-Match": told["ETag"]})
    assert again.status_code == 304
