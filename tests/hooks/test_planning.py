"""What happened is owed to whoever wants to know: once, however it comes to light."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from candidates import sharing, signup, triage
from candidates.models import Tombstone
from candidates.models.candidates import Stage
from partners import hooks
from partners.hooks import log, planning
from partners.models import Credit, Delivery, Endpoint, HookMark, Partner, ReferralLink
from partners.models.hooks import Event
from tests.hooks.conftest import plan
from tests.sharing import share


def owed(endpoint: Endpoint) -> list[str]:
    return sorted(endpoint.deliveries.values_list("kind", flat=True))


def credit(link: ReferralLink | None, drive, at, *, kind: str = "signed_up", uuid=None) -> Credit:
    return Credit.objects.create(
        candidate_uuid=uuid or uuid4(), drive=drive, link=link, partner=link and link.partner,
        kind=kind, counts_as=kind, at=at, recorded_at=at,
    )  # fmt: skip


def test_nobody_who_wants_to_know_costs_one_small_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert plan() == 0


def test_a_sign_up_asks_and_writes_nothing_more_for_a_webhook(
    sign_up, ada, link, make, django_assert_num_queries
):
    now = timezone.now()
    sign_up(ada, "teach-ig", at=now)
    make(link.partner)
    bea = replace(ada, email="bea@example.org", first_name="Bea")

    with django_assert_num_queries(1):
        signup.sign_up(answers=bea, agreements=[], touches=[], now=now)

    assert Delivery.objects.count() == 0


def test_a_whole_story_is_owed_to_its_partner_and_to_staff(
    sign_up, ada, link, make, staffer, drive
):
    ours, staff = make(link.partner), make()
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    theirs = make(nurses)
    now = timezone.now()
    candidate = sign_up(ada, "teach-ig", at=now)
    share(link.partner, candidate)
    signup.confirm(candidate_id=candidate.pk, now=now)
    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=now)
    plan()
    sharing.withdraw(candidate_id=candidate.pk, partner_id=link.partner.pk, now=now)
    drive.milestones.create(scope="day", target=1, reached_at=now, reached_value=1)
    drive.milestones.create(
        scope="cumulative", target=1, reached_at=now, reached_value=1, partner=link.partner
    )

    plan()
    plan()

    all_of_it = sorted(it for it in Event if it != Event.PING)
    assert owed(ours) == owed(staff) == sorted([*all_of_it, "milestone.reached"])
    assert owed(theirs) == ["milestone.reached"]


def test_only_what_was_asked_for_is_owed(sign_up, ada, link, make):
    endpoint = make(link.partner, kinds=[Event.LEAD_CONFIRMED])
    candidate = sign_up(ada, "teach-ig", at=timezone.now())
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())

    plan()

    assert owed(endpoint) == ["lead.confirmed"]


def test_what_happened_before_it_was_made_is_not_owed(sign_up, ada, make):
    sign_up(ada, at=timezone.now() - timedelta(minutes=5))
    endpoint = make()

    plan()

    assert owed(endpoint) == []


def test_withdrawing_again_after_agreeing_anew_is_told_again(sign_up, ada, link, make):
    endpoint = make(link.partner)
    candidate = sign_up(ada, "teach-ig", at=timezone.now())
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    for _time in range(2):
        share(link.partner, candidate)
        sharing.withdraw(candidate_id=candidate.pk, partner_id=link.partner.pk, now=timezone.now())
        plan()

    assert Tombstone.objects.count() == 1
    assert owed(endpoint).count("consent.withdrawn") == 2


def test_a_stage_of_who_did_not_agree_is_told_to_staff_alone(sign_up, ada, link, make, staffer):
    ours, staff, now = make(link.partner), make(), timezone.now()
    candidate = sign_up(ada, "teach-ig", at=now)

    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=now)
    plan()

    assert owed(ours) == ["lead.created"]
    assert owed(staff) == ["lead.created", "stage.changed"]


@pytest.mark.django_db(transaction=True)
def test_a_line_that_commits_after_a_later_one_is_found(make, link, drive):
    endpoint = make(link.partner)
    begun = timezone.now() - timedelta(seconds=3)
    with closing(connection.copy()) as slow:
        slow.connect()
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute(
                "INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind,"
                " counts_as, amount, at, recorded_at, reason) VALUES (gen_random_uuid(), %s, %s,"
                " %s, 'signed_up', 'signed_up', 1, %s, %s, '')",
                [drive.pk, link.pk, link.partner_id, begun, begun],
            )
        credit(link, drive, begun + timedelta(seconds=2))
        plan()
        assert len(owed(endpoint)) == 1
        slow.commit()

    plan()

    assert len(owed(endpoint)) == 2


def test_a_very_late_line_is_found_by_the_comb(make, link, drive):
    endpoint, now = make(link.partner, now=timezone.now() - timedelta(hours=1)), timezone.now()
    HookMark.objects.update_or_create(
        pk=1, defaults={"swept_at": now, "combed_at": now - timedelta(minutes=4)}
    )
    credit(link, drive, now - timedelta(minutes=10))
    plan()
    assert owed(endpoint) == []

    hooks.plan(planners=hooks.PLANNERS, now=now + timedelta(minutes=2))

    assert len(owed(endpoint)) == 1


def test_after_hours_without_a_worker_nothing_is_missing(make, link, drive):
    endpoint = make(link.partner, now=timezone.now() - timedelta(hours=9))
    plan()
    HookMark.objects.update(
        swept_at=timezone.now() - timedelta(hours=8), combed_at=timezone.now() - timedelta(hours=8)
    )
    for hours in range(8):
        credit(link, drive, timezone.now() - timedelta(hours=hours))

    plan()

    assert len(owed(endpoint)) == 8


def test_off_means_nothing_is_owed_and_on_means_from_now_on(make, link, drive):
    endpoint = make(link.partner, now=timezone.now() - timedelta(hours=9))
    hooks.switch_off(endpoint=endpoint, now=timezone.now() - timedelta(hours=5))
    credit(link, drive, timezone.now() - timedelta(hours=2))
    plan()
    hooks.switch_on(endpoint=endpoint, now=timezone.now() - timedelta(minutes=1))
    credit(link, drive, timezone.now())

    plan()

    assert len(owed(endpoint)) == 1


def test_the_first_endpoint_after_a_long_time_does_not_read_the_whole_ledger(make, link, drive):
    first = make(link.partner, now=timezone.now() - timedelta(days=30))
    plan()
    hooks.switch_off(endpoint=first, now=timezone.now())
    HookMark.objects.update(
        swept_at=timezone.now() - timedelta(days=20), combed_at=timezone.now() - timedelta(days=20)
    )

    make(link.partner, now=timezone.now())

    assert HookMark.objects.get().swept_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_owe_everything_once(make, link, drive):
    endpoint = make(link.partner)
    plan()
    credit(link, drive, timezone.now())
    with closing(connection.copy()) as other:
        other.connect()
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM partners_hookmark FOR UPDATE")
        assert plan() == 0
        other.rollback()

    assert plan() == 1
    assert owed(endpoint) == ["lead.created"]


def test_forgotten_deliveries_are_not_planned_anew(make, link, drive):
    endpoint = make(link.partner, now=timezone.now() - timedelta(days=90))
    drive.milestones.create(
        scope="day", target=1, reached_value=1, reached_at=timezone.now() - timedelta(days=70)
    )
    assert timedelta(days=60) > planning.MILESTONES
    plan()
    assert owed(endpoint) == []

    hooks.ping(endpoint=endpoint, now=timezone.now() - timedelta(days=61))
    hooks.expire(now=timezone.now())
    assert owed(endpoint) == []


def test_ten_thousand_partners_who_want_to_know_make_planning_no_slower(drive, make, staffer):
    first, now = make(Partner.objects.create(name="A", slug="a")), timezone.now()
    partners = [Partner(name=f"P{number}", slug=f"p{number}") for number in range(1_000)]
    Partner.objects.bulk_create(partners)
    same = {"address": first.address, "kinds": first.kinds, "made_by": staffer, "language": "en"}
    times = {"made_at": first.made_at, "since_at": first.since_at}
    Endpoint.objects.bulk_create(Endpoint(partner=it, **same, **times) for it in partners)
    lines = {"drive": drive, "kind": "signed_up", "counts_as": "signed_up", "at": now}
    Credit.objects.bulk_create(
        Credit(candidate_uuid=uuid4(), partner=it, recorded_at=now, **lines) for it in partners
    )
    words = {"begin": now - timedelta(minutes=1), "now": now}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_endpoint, partners_credit")
        plans = []
        for statement in planning.LEADS:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", words)
            plans.append(cursor.fetchone()[0][0]["Plan"])

    assert Delivery.objects.count() == 1_000
    assert max(it for plan in plans for it in refused(plan)) < 10_000


def refused(plan):
    """The pairs that each step of a plan looked at for nothing."""
    yield plan.get("Rows Removed by Join Filter", 0) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from refused(part)


def test_however_many_are_old_they_are_forgotten_a_few_at_a_time(make, partner, monkeypatch):
    monkeypatch.setattr(log, "STEP", 2)
    endpoint, now = make(partner), timezone.now()
    for days in (61, 62, 63, 64, 65, 59):
        hooks.ping(endpoint=endpoint, now=now - timedelta(days=days))

    assert hooks.expire(now=now) == 5

    assert endpoint.deliveries.count() == 1
