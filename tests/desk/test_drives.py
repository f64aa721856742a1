"""There is always a drive: what staff can't do, and what happens where it was done all the same."""

from datetime import UTC, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from candidates.audit import corrections as audited
from candidates.audit import targets
from candidates.models import Candidate
from partners import corrections, drives, milestones
from partners.milestones import suggesting
from partners.models import Correction, Credit, Drive, Milestone, User
from partners.models.drives import validate_time_zone
from tests.conftest import NOON
from tests.partners.test_folding import write


@pytest.fixture
def only(drive: Drive) -> Drive:
    Drive.objects.exclude(pk=drive.pk).delete()
    return drive


@pytest.fixture
def desk(client: Client, staffer: object) -> Client:
    client.force_login(staffer)
    client.raise_request_exception = False
    return client


def form_of(drive: Drive) -> dict[str, str]:
    return {
        "name": drive.name,
        "slug": drive.slug,
        "day_on": drive.day_on.isoformat(),
        "time_zone": drive.time_zone,
        "opens_at_0": "2026-01-01",
        "opens_at_1": "00:00:00",
        "baseline": "0",
        "counts": drive.counts,
        "attribution": drive.attribution,
        "window_days": "90",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    }


def change(desk: Client, drive: Drive, **more: str) -> int:
    """Send the form of a drive as staff would, and return the status: 302 is saved."""
    address = f"/admin/partners/drive/{drive.pk}/change/"
    return desk.post(address, form_of(drive) | more).status_code


def test_a_drive_elsewhere_opens_by_the_clock_that_is_named(desk: Client, only: Drive) -> None:
    Drive.objects.filter(pk=only.pk).update(time_zone="America/New_York")
    drives.forget()

    page = desk.get("/admin/partners/drive/add/").text
    saved = change(desk, only, time_zone="America/Los_Angeles")

    only.refresh_from_db()
    assert page.count("By the clock of America/New_York, as all times here") == 2
    assert (saved, only.opens_at.isoformat()) == (302, "2026-01-01T05:00:00+00:00")


CLOSING = {"closes_at_0": "2027-01-01", "closes_at_1": "00:00:00"}
OPENING_LATER = {"opens_at_0": "2190-01-01", "day_on": "2190-02-01"}


@pytest.mark.parametrize("more", [CLOSING, CLOSING | {"closes_at_0": "2026-02-01"}, OPENING_LATER])
def test_the_last_open_drive_can_not_be_closed(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    assert change(desk, only, **more) == 200


def test_it_can_be_changed_otherwise(desk: Client, only: Drive) -> None:
    assert change(desk, only) == 302


@pytest.mark.parametrize("more", [CLOSING, OPENING_LATER])
def test_it_is_closed_where_another_goes_on(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    Drive.objects.create(name="Next", slug="next", day_on=only.day_on, opens_at=NOON)
    Drive.objects.filter(slug="next").update(opens_at=timezone.now() - timedelta(days=1))

    assert change(desk, only, **more) == 302


def test_where_none_is_open_the_last_one_goes_on_and_no_sign_up_is_lost(
    client: Client, only: Drive, form_of_ada: dict[str, str]
) -> None:
    Drive.objects.create(
        name="Old", slug="old", day_on=NOON.date(), opens_at=NOON - timedelta(days=900)
    )
    Drive.objects.update(closes_at=NOON - timedelta(days=1))

    assert client.post("/", form_of_ada).status_code == 302
    assert (Candidate.objects.count(), Credit.objects.get().drive) == (1, only)


def test_a_drive_that_opens_later_counts_where_there_is_no_other(only: Drive) -> None:
    Drive.objects.update(opens_at=NOON + timedelta(days=1))

    assert drives.current(now=NOON) == only


def test_without_any_drive_the_desk_opens_so_that_one_can_be_made(desk: Client, db: None) -> None:
    Drive.objects.all().delete()

    for page in ("", "partners/drive/", "partners/drive/add/"):
        assert desk.get(f"/admin/{page}").status_code == 200


WRONG_DAYS = {
    "It must close after it opens.": {"closes_at_0": "2025-12-31"},
    "It can&#x27;t close before the day begins.": {"closes_at_0": "2026-11-01"},
    "The day would be over before the drive opens.": {"day_on": "2025-12-30"},
    "The last day can&#x27;t be before the first.": {"last_day_on": "2026-11-13"},
}


@pytest.mark.parametrize("words", WRONG_DAYS)
def test_a_day_that_can_not_be_is_refused_in_words(desk: Client, only: Drive, words: str) -> None:
    Drive.objects.create(name="Next", slug="next", day_on=only.day_on, opens_at=NOON)
    form = form_of(only) | {"closes_at_1": "00:00:00"} | WRONG_DAYS[words]
    if "closes_at_0" not in form:
        form.pop("closes_at_1")

    page = desk.post(f"/admin/partners/drive/{only.pk}/change/", form)

    assert words in page.content.decode()


OTHER_RULES = [{"time_zone": "America/Chicago"}, {"is_local_day": "on"}, {"counts": "confirmed"}]


@pytest.mark.parametrize("more", OTHER_RULES)
def test_the_rules_can_be_chosen_until_somebody_is_counted_by_them(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    write(only, 1)

    assert change(desk, only, **more) == 302


@pytest.mark.parametrize("more", OTHER_RULES)
def test_what_was_counted_by_one_rule_is_not_counted_by_another(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    write(only, 1)
    milestones.fold(now=NOON)

    assert change(desk, only, **more) == 200
    only.refresh_from_db()
    assert (only.time_zone, only.is_local_day) == ("America/New_York", False)
    assert only.counts == "signed_up"


OTHER_DAYS = [{"day_on": "2026-11-20"}, {"last_day_on": "2026-11-15"}, {"day_on": "2026-11-13"}]


@pytest.mark.parametrize("more", OTHER_DAYS)
def test_the_day_can_be_moved_while_nobody_was_counted_on_it(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    write(only, 1, at=NOON - timedelta(days=9))
    milestones.fold(now=NOON)

    assert change(desk, only, **more) == 302


@pytest.mark.parametrize("more", OTHER_DAYS)
def test_nobody_leaves_the_day_that_they_were_counted_on(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    write(only, 1)
    milestones.fold(now=NOON)

    assert change(desk, only, **more) == 200


def test_nobody_comes_onto_the_day_afterwards(desk: Client, only: Drive) -> None:
    write(only, 1, at=NOON + timedelta(days=6))
    milestones.fold(now=NOON)

    assert change(desk, only, day_on="2026-11-20") == 200


FAR = {"last_day_on": "9999-12-31"}, {"last_day_on": "2126-12-31"}, {"day_on": "1066-10-14"}
FAR += {"opens_at_0": "0001-01-01"}, {"closes_at_0": "9999-12-31", "closes_at_1": "00:00:00"}


@pytest.mark.parametrize("more", [*FAR, {"last_day_on": "2027-11-15"}])
def test_days_that_no_page_could_show_are_refused(
    desk: Client, only: Drive, more: dict[str, str]
) -> None:
    assert change(desk, only, **more) == 200


@pytest.mark.parametrize("zone", ["localtime", "Nowhere/Atall", "Asia/Kolkata", "", "x" * 99])
def test_a_zone_that_no_day_can_be_counted_by_is_refused(
    desk: Client, only: Drive, zone: str
) -> None:
    assert change(desk, only, time_zone=zone) == 200


def test_a_zone_that_postgresql_does_not_know_is_refused(
    desk: Client, only: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partners.models.drives.available_timezones", lambda: {"Mars/Olympus"})
    monkeypatch.setattr("partners.models.drives.ZoneInfo", lambda _name: UTC)

    with pytest.raises(ValidationError, match="Enter a time zone"):
        validate_time_zone("Mars/Olympus")


def test_the_address_of_its_pages_stays_once_it_has_opened(desk: Client, only: Drive) -> None:
    assert change(desk, only, slug="other") == 200
    assert change(desk, only, name="Another name") == 302

    Drive.objects.create(name="Open", slug="open", day_on=NOON.date(), opens_at=NOON)
    Drive.objects.filter(pk=only.pk).update(opens_at=timezone.now() + timedelta(days=9))
    later = {"slug": "other", "opens_at_0": "2030-01-01", "day_on": "2030-02-01"}
    assert change(desk, only, **later) == 302


class TestAnotherDriveIsOn:
    """Whose sign-up belongs to which drive is decided as it comes: so the page asks first."""

    NEW = {"name": "Next year", "slug": "next", "day_on": "2027-11-14"}
    ASKED = "Yes, “Next year” is on from now, instead of “National Run for Office Day”"

    def add(self, desk: Client, only: Drive, **more: str) -> str:
        form = form_of(only) | self.NEW | {"opens_at_0": "2026-11-20"} | more
        return desk.post("/admin/partners/drive/add/", form, follow=True).text

    def test_one_that_opened_already_asks_before_it_takes_over(
        self, desk: Client, only: Drive
    ) -> None:
        page = self.add(desk, only)

        assert f'name="sure" value="{self.ASKED}"' in page
        assert "no longer to “National Run for Office Day”" in page
        assert drives.current(now=timezone.now()) == only

    def test_whoever_means_it_says_yes(self, desk: Client, only: Drive) -> None:
        self.add(desk, only, sure=self.ASKED)
        drives.forget()

        assert drives.current(now=timezone.now()).slug == "next"

    def test_one_that_opens_later_asks_nothing(self, desk: Client, only: Drive) -> None:
        self.add(desk, only, opens_at_0="2030-01-01", day_on="2030-02-01")

        assert Drive.objects.filter(slug="next").exists()

    @pytest.mark.parametrize("more", [CLOSING | {"closes_at_0": "2026-11-20"}, OPENING_LATER])
    def test_one_that_closes_and_leaves_the_rest_to_another_asks(
        self, desk: Client, only: Drive, more: dict[str, str]
    ) -> None:
        old = NOON - timedelta(days=900)
        Drive.objects.create(name="Old", slug="old", day_on=old.date(), opens_at=old)

        assert change(desk, only, **more) == 200
        yes = "Yes, “Old” is on from now, instead of “National Run for Office Day”"
        assert change(desk, only, **more, sure=yes) == 302

    def test_the_first_one_of_all_is_not_asked(self, desk: Client, only: Drive) -> None:
        Drive.objects.all().delete()
        self.add(desk, only)

        assert Drive.objects.get().slug == "next"


@pytest.mark.parametrize(
    ("counted", "target"),
    [
        (0, 100),
        (99, 100),
        (100, 150),
        (990, 1_000),
        (1_999, 2_000),
        (2_000, 2_500),
        (12_900, 15_000),
        (15_000, 20_000),
    ],
)
def test_the_next_round_number(counted: int, target: int) -> None:
    assert suggesting.next_round(counted) == target


def test_the_next_milestone_is_set_with_one_click(desk: Client, only: Drive) -> None:
    only.baseline = 12_900
    only.save()
    address = f"/admin/partners/drive/{only.pk}"
    page = desk.get(f"{address}/change/").text
    assert "12,900 in all so far: the next round number is 15,000." in page

    for _twice in range(2):
        desk.post(f"{address}/next-milestone/", {"scope": "cumulative"})

    assert [str(it) for it in only.milestones.all()] == ["15,000 in all"]
    assert "12,900 in all so far" not in desk.get(f"{address}/change/").text


def test_a_goal_in_sight_has_a_next_one(only: Drive) -> None:
    Milestone.objects.create(drive=only, scope="cumulative", target=14_000)

    assert [it.target for it in milestones.suggest(drive=only)] == [100, 15_000]


def test_who_may_not_set_milestones_is_not_asked(client: Client, only: Drive) -> None:
    reader = User.objects.create_user("reader@example.org", "a-long-password", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_drive"))
    client.force_login(reader)
    address = f"/admin/partners/drive/{only.pk}"

    assert "next round number" not in client.get(f"{address}/change/").text
    assert client.post(f"{address}/next-milestone/", {"scope": "day"}).status_code == 403
    assert not Milestone.objects.exists()


class TestTheNumberFromBefore:
    SAID = {"baseline": "12900", "baseline_source": "The list of 2025"}

    def test_it_says_where_it_is_from(self, desk: Client, only: Drive) -> None:
        assert change(desk, only, baseline="12985") == 200
        assert change(desk, only, **self.SAID) == 302

    def test_once_the_drive_has_opened_a_change_is_told_to_everybody(
        self, desk: Client, only: Drive, staffer: User
    ) -> None:
        for _twice in range(2):
            change(desk, only, **self.SAID)

        told = Correction.objects.get()
        assert (told.deed, told.people, told.change, told.baseline) == ("rebased", 0, -85, 12_900)
        assert (told.source, told.author) == ("The list of 2025", staffer)

    def test_the_page_says_both_numbers_and_the_source(self, desk: Client, only: Drive) -> None:
        change(desk, only, **self.SAID)
        corrections.forget()

        page = desk.get("/corrections/").text

        assert "counted before this drive is 12,900 now, and was 12,985" in page
        assert "The list of 2025." in page
        assert "The count fell by 85." in page

    def test_before_the_opening_it_is_nobodys_business(self, desk: Client, only: Drive) -> None:
        Drive.objects.create(name="Open", slug="open", day_on=NOON.date(), opens_at=NOON)
        later = {"opens_at_0": "2030-01-01", "day_on": "2030-02-01"}
        Drive.objects.filter(pk=only.pk).update(opens_at=timezone.now() + timedelta(days=9))

        assert change(desk, only, **later, **self.SAID) == 302
        assert not Correction.objects.exists()

    def test_what_was_reached_with_the_old_number_is_audited_by_the_old_one(
        self, desk: Client, only: Drive
    ) -> None:
        goal = only.milestones.create(scope="cumulative", target=12_987)
        write(only, 3)
        milestones.fold(now=NOON)
        milestones.announce(now=NOON)
        change(desk, only, **self.SAID)
        write(only, 5)
        milestones.fold(now=timezone.now())

        goal.refresh_from_db()
        assert goal.reached_value == 12_987
        assert [it.name for it in [*targets.always(), *audited.always()] if not it.is_ok] == [
            "letters about milestones that did not leave"
        ]
