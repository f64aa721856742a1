"""Who is told what of a person: names only where that person, or a colleague, said so."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from candidates import merging, sharing, signup, triage
from candidates.models import Candidate
from candidates.models.candidates import Stage
from partners import credits, hooks
from partners.hooks import wire
from partners.models import Delivery, Endpoint, Partner, ReferralLink
from tests.hooks.conftest import plan, sweep
from tests.sharing import share

PERSONAL = (b"Ada", b'Example"', b"ada@", b"10001", b"Buses", b"council", b"this_cycle")
OF_STAFF = {"id", "is_named", "stage", "link", "signed_up_at", "confirmed_at"}
# All that a partner learns of who did not agree: its dashboard says no less.
MASKED = {"is_named": False, "link": "teach-ig"}


@pytest.fixture
def candidate(endpoint, sign_up, ada, link, partner) -> Candidate:
    """Ada, who agreed to be shared, and has not confirmed yet."""
    found = sign_up(ada, "teach-ig", at=timezone.now())
    share(partner, found)
    return found


def told(receiver, kind: str) -> dict:
    plan()
    sweep()
    (heard,) = [it for it in receiver.heard if it.said["type"] == kind]
    return heard.said["data"]


def test_who_agreed_and_confirmed_is_named(receiver, candidate, partner):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())

    lead = told(receiver, "lead.confirmed")["lead"]

    assert lead["is_named"] is True
    assert (lead["first_name"], lead["email"], lead["phone"]) == ("Ada", "ada@example.org", "")
    assert (lead["stage"], lead["link"]) == ("raised_hand", "teach-ig")
    assert lead["id"] == sharing.reference(candidate_id=candidate.pk, partner_id=partner.pk)


def test_who_has_not_confirmed_is_not_named(receiver, candidate):
    lead = told(receiver, "lead.created")["lead"]

    assert lead == MASKED
    assert not any(it in heard.body for heard in receiver.heard for it in PERSONAL)


def test_of_who_did_not_agree_a_partner_is_told_no_minute_and_nothing_to_follow_them_by(
    receiver, endpoint, sign_up, ada, link, partner, staffer
):
    now = timezone.now()
    candidate = sign_up(ada, "teach-ig", at=now)
    signup.confirm(candidate_id=candidate.pk, now=now)
    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=now)
    plan()
    sweep()

    said = {it.said["type"]: it.said for it in receiver.heard}
    assert set(said) == {"lead.created", "lead.confirmed"}
    hour = now.replace(minute=0, second=0, microsecond=0)
    for it in said.values():
        assert datetime.fromisoformat(it["created_at"]) == hour
        assert it["data"] == {"lead": MASKED}
    reference = sharing.reference(candidate_id=candidate.pk, partner_id=partner.pk)
    everything = b"".join(it.body for it in receiver.heard)
    assert not any(it.encode() in everything for it in (reference, str(candidate.pk)))


def test_who_agrees_is_told_of_to_the_second(receiver, candidate):
    now = timezone.now()
    signup.confirm(candidate_id=candidate.pk, now=now)
    told(receiver, "lead.confirmed")

    at = {it.said["type"]: it.said["created_at"] for it in receiver.heard}
    assert datetime.fromisoformat(at["lead.confirmed"]) == now.replace(
        microsecond=now.microsecond // 1000 * 1000
    )


def test_who_withdraws_while_their_handful_is_sent_is_not_named(
    receiver, endpoint, sign_up, ada, link, partner, monkeypatch
):
    now = timezone.now()
    for name in ("ada", "bea"):
        person = sign_up(replace(ada, email=f"{name}@example.org"), "teach-ig", at=now)
        share(partner, person)
        signup.confirm(candidate_id=person.pk, now=now)
    Endpoint.objects.update(kinds=["lead.confirmed"])
    post = wire.Line.post

    def post_and_withdraw(line: wire.Line, **said: Any) -> wire.Answer:
        answer = post(line, **said)
        for it in Candidate.objects.all():
            sharing.withdraw(candidate_id=it.pk, partner_id=partner.pk, now=now)
        return answer

    monkeypatch.setattr(wire.Line, "post", post_and_withdraw)
    plan()

    sweep()

    assert [it.said["data"]["lead"]["is_named"] for it in receiver.heard] == [True, False]


def test_who_withdraws_before_it_is_sent_is_not_named_any_more(receiver, candidate, partner):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    plan()
    sharing.withdraw(candidate_id=candidate.pk, partner_id=partner.pk, now=timezone.now())

    lead = told(receiver, "lead.confirmed")["lead"]

    assert lead == MASKED
    gone = [it.said["data"] for it in receiver.heard if it.said["type"] == "consent.withdrawn"]
    reference = sharing.reference(candidate_id=candidate.pk, partner_id=partner.pk)
    assert gone == [{"lead": {"id": reference}}]
    assert not any(it in heard.body for heard in receiver.heard for it in PERSONAL)


def test_who_withdraws_between_two_attempts_is_not_named_by_the_second(
    receiver, candidate, partner
):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    plan()
    sweep()
    sharing.withdraw(candidate_id=candidate.pk, partner_id=partner.pk, now=timezone.now())
    hooks.replay_since(
        endpoint=Endpoint.objects.get(), since=timezone.now() - timedelta(hours=1),
        now=timezone.now(),
    )  # fmt: skip

    sweep()

    first, second = [it for it in receiver.heard if it.said["type"] == "lead.confirmed"]
    assert first.said["id"] == second.said["id"]
    assert first.said["data"]["lead"]["is_named"]
    assert not second.said["data"]["lead"]["is_named"]


def test_who_was_erased_is_not_told_of(receiver, candidate):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    plan()
    sharing.bury(candidate_id=candidate.pk, now=timezone.now())
    candidate.delete()
    plan()

    sweep()

    assert [it.said["type"] for it in receiver.heard] == ["consent.withdrawn"]
    dropped = Delivery.objects.filter(state=Delivery.State.DROPPED)
    assert sorted(dropped.values_list("kind", flat=True)) == ["lead.confirmed", "lead.created"]


def test_a_stage_says_from_where_and_to_where(receiver, candidate, staffer):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    who = {"candidate_ids": [candidate.pk], "author": staffer, "now": timezone.now()}
    triage.move(to_stage=Stage.INTRO_CALL, **who)
    triage.move(to_stage=Stage.ONE_TO_ONE, **who)
    plan()
    sweep()

    moves = [it.said["data"] for it in receiver.heard if it.said["type"] == "stage.changed"]
    pairs = {(it["from"], it["to"]) for it in moves}
    assert pairs == {("raised_hand", "intro_call"), ("intro_call", "one_to_one")}
    assert all(it["lead"]["stage"] == "one_to_one" for it in moves)


def test_staff_are_told_an_id_unless_a_colleague_let_them_be_named(receiver, make, sign_up, ada):
    endpoint = make()
    candidate = sign_up(ada, at=timezone.now())
    lead = told(receiver, "lead.created")["lead"]
    assert set(lead) == OF_STAFF
    assert (lead["id"], lead["link"]) == (str(candidate.pk), None)

    hooks.name_people(endpoint=endpoint, at=timezone.now())
    hooks.replay(endpoint=endpoint, delivery_id=Delivery.objects.get().pk, now=timezone.now())
    sweep()

    assert receiver.heard[-1].said["data"]["lead"]["email"] == "ada@example.org"


def test_an_endpoint_of_a_partner_can_not_be_let_name_people(endpoint, receiver, candidate):
    hooks.name_people(endpoint=endpoint, at=timezone.now())

    assert not told(receiver, "lead.created")["lead"]["is_named"]


def test_a_link_of_another_partner_is_not_told(receiver, make, sign_up, ada, link, staffer):
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    ReferralLink.objects.create(partner=nurses, code="nurses", label="Bio")
    theirs, now = make(nurses), timezone.now()
    candidate = sign_up(ada, "teach-ig", at=now)
    share(nurses, candidate)
    signup.confirm(candidate_id=candidate.pk, now=now)
    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=now)

    lead = told(receiver, "stage.changed")["lead"]

    assert theirs.deliveries.count() == 1
    assert (lead["is_named"], lead["link"]) == (True, None)


def test_who_withdrew_is_told_of_no_more_where_nothing_is_credited(
    receiver, make, sign_up, ada, link, staffer
):
    nurses, now = Partner.objects.create(name="Example Nurses", slug="nurses"), timezone.now()
    make(nurses)
    candidate = sign_up(ada, "teach-ig", at=now)
    share(nurses, candidate)
    signup.confirm(candidate_id=candidate.pk, now=now)
    triage.move(candidate_ids=[candidate.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=now)
    plan()

    sharing.withdraw(candidate_id=candidate.pk, partner_id=nurses.pk, now=timezone.now())
    plan()
    sweep()

    assert [it.said["type"] for it in receiver.heard] == ["consent.withdrawn"]


def test_whose_credit_went_elsewhere_is_told_of_no_more(
    receiver, candidate, endpoint, partner, staffer
):
    now = timezone.now()
    sharing.withdraw(candidate_id=candidate.pk, partner_id=partner.pk, now=now)
    plan()
    credits.reassign(
        candidate_uuids=[candidate.pk], link=None, reason="a typo", author=staffer, now=now
    )

    sweep()

    assert receiver.heard == []
    assert endpoint.deliveries.get().state == Delivery.State.DROPPED


def test_no_log_line_and_no_row_names_anybody(receiver, candidate, caplog):
    caplog.set_level("DEBUG")
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    plan()
    sweep()

    rows = str(list(Delivery.objects.values())) + str(list(Endpoint.objects.values()))
    assert not any(it.decode() in rows + caplog.text for it in PERSONAL)
    assert len(receiver.heard) == 2


def test_a_chat_gets_a_line_about_a_milestone_and_nothing_of_people(
    receiver, make, partner, drive, sign_up, ada, link
):
    drive.name = "Day <!channel> & co"
    drive.save()
    chat = make(partner, dialect=Endpoint.Dialect.CHAT)
    assert chat.kinds == ["milestone.reached"]
    drive.milestones.create(
        scope="cumulative", target=15_000, reached_at=timezone.now(), reached_value=15_003
    )
    sign_up(ada, "teach-ig", at=timezone.now())
    plan()
    sweep()

    (heard,) = receiver.heard
    words = "Day &lt;!channel&gt; &amp; co passed 15,000: 15,003 people."
    assert heard.said == {"text": words}
    assert "RFS-Signature" not in heard.headers


def test_a_milestone_says_whose_it_is_and_what_was_reached(receiver, make, partner, drive):
    make(partner)
    at = timezone.now()
    drive.milestones.create(
        scope="cumulative", target=100, reached_at=at, reached_value=101, partner=partner
    )

    data = told(receiver, "milestone.reached")

    assert data["partner"] == {"slug": "teachers", "name": "Example Teachers Alliance"}
    assert data["drive"] == {"slug": "day-2026", "name": "National Run for Office Day"}
    assert (data["scope"], data["target"], data["value"]) == ("cumulative", 100, 101)


def test_who_turns_out_to_be_another_lead_is_gone_and_no_move_of_theirs_is_told(
    receiver, candidate, sign_up, ada, staffer
):
    signup.confirm(candidate_id=candidate.pk, now=timezone.now())
    bea = sign_up(replace(ada, first_name="Bea", email="bea@example.org"), at=timezone.now())
    merged = {"candidate_id": candidate.pk, "into_id": bea.pk}
    merging.merge(**merged, reason="she said so", author=staffer, now=timezone.now())
    move = {"to_stage": Stage.ONE_TO_ONE, "author": staffer, "now": timezone.now()}
    triage.move(candidate_ids=[candidate.pk], **move)

    plan()
    sweep()

    assert "consent.withdrawn" in {it.said["type"] for it in receiver.heard}
    assert "stage.changed" not in {it.said["type"] for it in receiver.heard}
