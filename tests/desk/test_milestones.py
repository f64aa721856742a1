"""Milestones at the desk: what was reached is history, and nobody rewrites it."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from partners import milestones
from partners.models import Drive, Milestone, Partner, ReferralLink
from tests.conftest import NOON
from tests.desk.test_drives import form_of
from tests.partners.test_folding import write


@pytest.fixture
def desk(client: Client, staffer: object) -> Client:
    client.force_login(staffer)
    return client


@pytest.fixture
def reached(drive: Drive) -> Milestone:
    """Five on the day, reached with seven."""
    goal = drive.milestones.create(scope="day", target=5)
    write(drive, 7)
    milestones.fold(now=NOON)
    goal.refresh_from_db()
    return goal


@pytest.fixture
def waiting(drive: Drive) -> Milestone:
    return drive.milestones.create(scope="day", target=2_000)


def rows_of(*goals: Milestone) -> dict[str, str]:
    """What the table of milestones on the drive's page sends when each can be changed."""
    form = {"milestones-TOTAL_FORMS": str(len(goals)), "milestones-INITIAL_FORMS": str(len(goals))}
    for number, it in enumerate(goals):
        row = {"id": it.pk, "drive": it.drive_id, "scope": it.scope, "target": it.target}
        row["partner"] = it.partner_id or ""
        form |= {f"milestones-{number}-{name}": str(said) for name, said in row.items()}
    return form


def send(desk: Client, drive: Drive, **form: str):
    return desk.post(f"/admin/partners/drive/{drive.pk}/change/", form_of(drive) | form)


REWRITES = [{"target": "2000"}, {"scope": "cumulative"}, {"partner": "{partner}"}]


@pytest.mark.parametrize("rewrite", REWRITES)
def test_what_was_reached_is_not_rewritten_on_the_page_of_the_drive(
    desk: Client, drive: Drive, reached: Milestone, partner: Partner, rewrite: dict[str, str]
) -> None:
    more = {f"milestones-0-{name}": it.format(partner=partner.pk) for name, it in rewrite.items()}

    answer = send(desk, drive, **rows_of(reached) | more)

    assert answer.status_code == 200
    words = "5 on the day was reached meanwhile: it is history, and stays as it was."
    assert words in answer.text
    assert Milestone.objects.get() == reached


def test_who_had_it_open_when_it_was_reached_saves_the_rest(
    desk: Client, drive: Drive, reached: Milestone, waiting: Milestone
) -> None:
    rows = rows_of(reached, waiting) | {"milestones-1-target": "1500"}

    assert send(desk, drive, **rows).status_code == 302
    assert set(Milestone.objects.values_list("target", flat=True)) == {5, 1_500}


def test_the_page_shows_it_and_lets_nobody_type_there(
    desk: Client, drive: Drive, reached: Milestone, waiting: Milestone
) -> None:
    page = desk.get(f"/admin/partners/drive/{drive.pk}/change/").context
    first, second = page["inline_admin_formsets"][0].formset.initial_forms

    assert {first[name].field.disabled for name in ("scope", "partner", "target")} == {True}
    assert {second[name].field.disabled for name in ("scope", "partner", "target")} == {False}


def test_a_browser_that_sends_nothing_of_it_saves_the_rest(
    desk: Client, drive: Drive, reached: Milestone
) -> None:
    rows = rows_of(reached)
    for name in ("scope", "partner", "target"):
        del rows[f"milestones-0-{name}"]

    assert send(desk, drive, **rows).status_code == 302


def test_its_deletion_is_refused_wherever_it_is_asked(
    desk: Client, drive: Drive, reached: Milestone
) -> None:
    send(desk, drive, **rows_of(reached) | {"milestones-0-DELETE": "on"})
    desk.post(f"/admin/partners/milestone/{reached.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": str(reached.pk), "post": "yes"}
    desk.post("/admin/partners/milestone/", chosen)

    assert Milestone.objects.get() == reached


@pytest.mark.parametrize(
    "change", [{"target": 6}, {"scope": "cumulative"}, {"reached_value": 9}, {"reached_at": None}]
)
def test_the_database_refuses_it_as_well(reached: Milestone, change: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        Milestone.objects.update(**change)
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        reached.delete()

    assert Milestone.objects.update(announced_at=NOON) == 1


def test_what_waits_can_be_changed_and_deleted(desk: Client, waiting: Milestone) -> None:
    Milestone.objects.update(target=3_000)
    desk.post(f"/admin/partners/milestone/{waiting.pk}/delete/", {"post": "yes"})

    assert not Milestone.objects.exists()


def test_a_target_of_nothing_is_none(drive: Drive) -> None:
    nothing = Milestone(drive=drive, scope="day", target=0)

    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        nothing.full_clean()
    with pytest.raises(IntegrityError, match="milestone_is_more_than_nothing"):
        nothing.save()


def ticked(page: str) -> dict[str, list[str]]:
    """The boxes of a page that asks once more, all of them ticked."""
    return {"sure": re.findall(r'name="sure" value="([^"]*)"', page)}


class TestAnnouncing:
    """What was typed wrong and announced can't be taken back: so the page asks."""

    @pytest.fixture
    def goal(self, drive: Drive) -> Milestone:
        return drive.milestones.create(scope="cumulative", target=15_000)

    def test_a_slip_in_the_number_from_before_announces_nothing(
        self, desk: Client, drive: Drive, goal: Milestone
    ) -> None:
        answer = send(desk, drive, **rows_of(goal), baseline="129850", baseline_source="A list")

        assert answer.status_code == 200
        assert ticked(answer.text) == {"sure": ["Yes, announce now: 15,000 in all"]}
        assert "129,850 are counted with this" in answer.text
        drive.refresh_from_db()
        assert drive.baseline == 12_985

    def test_whoever_means_it_says_yes_to_that_milestone(
        self, desk: Client, drive: Drive, goal: Milestone
    ) -> None:
        form = rows_of(goal) | {"baseline": "15985", "baseline_source": "A list"}
        page = send(desk, drive, **form).text

        assert send(desk, drive, **form, sure="Yes, announce now: 2,000 in all").status_code == 200
        assert send(desk, drive, **form, **ticked(page)).status_code == 302

    def test_a_target_that_was_passed_asks_on_either_page(
        self, desk: Client, drive: Drive, goal: Milestone
    ) -> None:
        rows = rows_of(goal) | {"milestones-0-target": "1500"}
        same = {"baseline": "12985", "baseline_source": "A list"}
        own = {"drive": drive.pk, "scope": "cumulative", "target": "1500", "partner": ""}
        address = f"/admin/partners/milestone/{goal.pk}/change/"

        asked = {"sure": ["Yes, announce now: 1,500 in all"]}
        assert ticked(send(desk, drive, **rows, **same).text) == asked
        assert ticked(desk.post(address, own).text) == asked
        assert desk.post(address, own | asked).status_code == 302

    def test_a_goal_of_a_partner_asks_by_its_name(
        self, desk: Client, drive: Drive, link: ReferralLink
    ) -> None:
        write(drive, 3, link=link)
        milestones.fold(now=NOON)
        goal = {"drive": drive.pk, "scope": "day", "target": "3", "partner": link.partner_id}

        page = desk.post("/admin/partners/milestone/add/", goal).text

        named = "Yes, announce now: 3 on the day (Example Voters)"
        assert ticked(page) == {"sure": [named]}

    def test_a_new_drive_with_a_number_above_its_goal_asks(self, desk: Client) -> None:
        later = {"slug": "later", "opens_at_0": "2030-01-01", "day_on": "2030-02-01"}
        drive = Drive(name="Later", day_on=NOON.date(), time_zone="America/New_York")
        rows = {"milestones-TOTAL_FORMS": "2", "milestones-0-scope": "cumulative"}
        rows |= {"milestones-0-target": "15000", "milestones-1-scope": "day"}
        rows |= {"milestones-1-target": "1", "baseline": "15000", "baseline_source": "A list"}

        page = desk.post("/admin/partners/drive/add/", form_of(drive) | later | rows).text

        assert ticked(page) == {"sure": ["Yes, announce now: 15,000 in all"]}

    def test_a_new_drive_without_a_day_is_refused_and_nothing_else(self, desk: Client) -> None:
        drive = Drive(name="Later", day_on=NOON.date(), time_zone="America/New_York")
        rows = {"milestones-TOTAL_FORMS": "1", "milestones-0-scope": "day", "day_on": "9999-12-31"}
        form = form_of(drive) | {"slug": "later", "milestones-0-target": "1"} | rows

        page = desk.post("/admin/partners/drive/add/", form).text

        assert "Enter a day between the years 2000 and 2199." in page
        assert ticked(page) == {"sure": []}

    def test_a_target_ahead_is_set_without_a_question(
        self, desk: Client, drive: Drive, waiting: Milestone
    ) -> None:
        assert send(desk, drive, **rows_of(waiting)).status_code == 302
