"""The admin opens on what needs doing, stays fast, and lets nobody touch what is not theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates import desk, triage
from candidates.admin.pages import CappedPaginator
from candidates.models import (
    Candidate,
    Consent,
    FollowUp,
    PhoneConflict,
    Resubmission,
    Touch,
    TriageAction,
)
from candidates.models.candidates import Stage
from partners.models import Credit, Drive

pytestmark = pytest.mark.django_db

LIST = reverse("admin:candidates_candidate_changelist")
TRIAGE = reverse("admin:candidates_candidate_triage")


def story_of(lead):
    return reverse("admin:candidates_candidate_change", args=[lead.pk])


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_desk_shows_who_waits_and_how_many_leads_there_are(lead, sam, desk_of, now):
    ada, bo, cy = lead("Ada"), lead("Bo"), lead("Cy")
    triage.assign(candidate_ids=[bo.pk], assignee=sam, author=sam, now=now)
    triage.move(candidate_ids=[cy.pk], to_stage=Stage.ENDORSED, author=sam, now=now)

    looked = desk.look(user=sam, now=now)

    assert looked.unique_leads == 3
    assert list(looked.new.rows) == [ada]
    assert list(looked.mine.rows) == [bo]


def test_the_desk_shows_what_went_wrong(lead, sam, desk_of, now):
    ada, bo = lead("Ada"), lead("Bo", phone="+13125550001")
    PhoneConflict.objects.create(candidate=ada, held_by=bo, phone=bo.phone, noticed_at=now)
    FollowUp.objects.filter(candidate=ada).update(state="failed", last_error="550 no mailbox")
    Touch.objects.create(candidate=bo, raw_code="typo", at=now)

    page = desk_of(sam).get("/admin/").content.decode()

    assert "550 no mailbox" in page
    assert "+13125550001" in page
    assert "typo" in page


def test_the_desk_costs_the_same_with_one_and_with_three_leads(lead, sam, desk_of):
    client = desk_of(sam)
    lead()
    one = queries(client, "/admin/")
    lead(), lead()

    assert queries(client, "/admin/") == one


def test_the_list_costs_the_same_with_one_and_with_three_leads(lead, sam, robin, desk_of):
    client = desk_of(sam)
    lead(assigned_to=robin)
    one = queries(client, LIST)
    lead(assigned_to=sam), lead(assigned_to=robin)

    assert queries(client, LIST) == one


def test_the_list_shows_the_newest_first(lead, sam, desk_of, now):
    old, new = lead("Old", signed_up_at=now - timedelta(days=3)), lead("New")

    page = desk_of(sam).get(LIST)

    assert list(page.context["cl"].result_list) == [new, old]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=IL", {"Ada", "Bo"}),
        ("stage__exact=filed", {"Cy"}),
        ("office__exact=county", {"Bo"}),
        ("timeline__exact=later", {"Cy"}),
        ("age=today", {"Ada"}),
        ("age=3days", {"Ada", "Bo"}),
        ("age=older", {"Cy"}),
        ("assigned=me", {"Bo"}),
        ("assigned=nobody", {"Ada", "Cy"}),
        ("assigned=anyone", {"Bo"}),
        ("confirmed=yes", {"Cy"}),
        ("confirmed=no", {"Ada", "Bo"}),
        ("partner=none", {"Cy"}),
        ("partner=PARTNER", {"Ada", "Bo"}),
        ("partner=999999", set()),
        ("state=IL&office__exact=county", {"Bo"}),
    ],
)
def test_filters_narrow_the_list(query, found, lead, link, sam, desk_of):
    at = timezone.now()
    lead("Ada", signed_up_at=at)
    lead("Bo", signed_up_at=at - timedelta(days=2), office="county", assigned_to=sam)
    lead("Cy", signed_up_at=at - timedelta(days=9), state="TX", stage="filed", timeline="later",
         confirmed_at=at, organic=True)  # fmt: skip

    page = desk_of(sam).get(f"{LIST}?{query.replace('PARTNER', str(link.partner_id))}")

    assert {it.first_name for it in page.context["cl"].result_list} == found


def test_counting_stops_at_the_cap_and_says_so(lead, monkeypatch):
    lead(), lead(), lead()
    monkeypatch.setattr(desk, "COUNTED_UP_TO", 2)

    pages = CappedPaginator(Candidate.objects.order_by("pk"), 2)

    assert (pages.count, pages.is_capped, len(pages.page(1))) == (2, True, 2)
    assert str(desk.Count(2, is_capped=True)) == "2+"


def test_a_lead_page_tells_the_whole_story(lead, link, sam, robin, desk_of, now):
    ada, bo = lead(), lead("Bo", phone="+13125550001")
    Touch.objects.create(candidate=ada, link=link, raw_code="voters-bio", sub_source="x1", at=now)
    Consent.objects.create(
        candidate=ada, purpose="share", partner=link.partner, given_at=now,
        wording="Share my answers with Example Voters.",
    )  # fmt: skip
    PhoneConflict.objects.create(candidate=ada, held_by=bo, phone=bo.phone, noticed_at=now)
    Resubmission.objects.create(candidate=ada, answers={"office": "county"}, digest="d", at=now)
    triage.assign(candidate_ids=[ada.pk], assignee=robin, author=sam, now=now)
    triage.move(candidate_ids=[ada.pk], to_stage=Stage.FILED, author=robin, now=now)
    triage.note(candidate_ids=[ada.pk], text="Knows everyone <b>", author=robin, now=now)

    page = desk_of(sam).get(story_of(ada)).content.decode()

    for told in (
        "Arrived through Instagram bio of Example Voters", "code voters-bio · x1",
        "Share my answers with Example Voters.", "E-mail due: Confirmation",
        "Typed +13125550001, which belongs to Bo Example", "office: County office",
        "Assigned to Robin Reyes", "Moved from Raised hand to Filed", "by Robin Reyes",
        "Knows everyone &lt;b&gt;", "Credit +1 for “filed”: Example Voters, Instagram bio",
    ):  # fmt: skip
        assert told in page, told


def test_a_long_story_costs_no_more_than_a_short_one(lead, link, sam, robin, desk_of, now):
    ada, client = lead(), desk_of(sam)
    Touch.objects.create(candidate=ada, link=link, raw_code="a", at=now)
    triage.assign(candidate_ids=[ada.pk], assignee=robin, author=sam, now=now)
    short = queries(client, story_of(ada))
    for number in range(5):
        Touch.objects.create(candidate=ada, link=link, raw_code=str(number), at=now)
        triage.note(candidate_ids=[ada.pk], text=str(number), author=robin, now=now)

    assert queries(client, story_of(ada)) == short


def test_the_triage_form_moves_assigns_and_notes_at_once(lead, sam, robin, desk_of):
    ada = lead()
    answers = {"to_stage": "one_to_one", "assignee": str(robin.pk), "text": "Keen."}

    answer = desk_of(sam).post(TRIAGE, answers | {"ids": str(ada.pk), "back": story_of(ada)})

    ada.refresh_from_db()
    assert answer.headers["Location"] == story_of(ada)
    assert (ada.stage, ada.assigned_to) == ("one_to_one", robin)
    assert {it.kind for it in TriageAction.objects.all()} == {"moved", "assigned", "noted"}


def test_a_bulk_action_first_shows_who_is_affected_and_writes_nothing(lead, sam, desk_of):
    leads = [lead("Ada"), lead("Bo")]
    chosen = {"action": "move_leads", "_selected_action": [str(it.pk) for it in leads]}

    page = desk_of(sam).post(LIST, chosen)

    assert "Ada" in page.content.decode()
    assert "2 leads" in page.content.decode()
    assert not TriageAction.objects.exists()


def test_a_bulk_move_changes_exactly_those_chosen(lead, sam, desk_of):
    ada, bo, cy = lead("Ada"), lead("Bo"), lead("Cy")

    desk_of(sam).post(TRIAGE, {"ids": f"{ada.pk},{bo.pk}", "to_stage": "filed"})

    assert set(Candidate.objects.filter(stage="filed")) == {ada, bo}
    assert cy.stage == "raised_hand"


def test_choosing_all_of_a_long_list_is_refused_in_words(lead, sam, desk_of, monkeypatch):
    leads = [lead() for _ in range(3)]
    monkeypatch.setattr(desk, "COUNTED_UP_TO", 2)
    chosen = {"action": "note_leads", "select_across": "1", "_selected_action": [str(leads[0].pk)]}

    page = desk_of(sam).post(LIST, chosen, follow=True)

    assert "Narrow the list with a filter first" in page.content.decode()


def test_nothing_chosen_is_said_and_what_was_typed_stays(lead, sam, desk_of):
    ada = lead()

    page = desk_of(sam).post(TRIAGE, {"ids": str(ada.pk), "shown": "to_stage,text"})

    assert page.status_code == 200
    assert "Choose a stage or a colleague, or write a note." in page.content.decode()


@pytest.mark.parametrize("ids", ["", "nonsense", "1,2"])
def test_nonsense_is_answered_in_words(ids, sam, desk_of):
    page = desk_of(sam).post(TRIAGE, {"ids": ids, "to_stage": "filed"})

    assert page.status_code == 200


def test_going_back_never_leaves_this_site(lead, sam, desk_of):
    answers = {"ids": str(lead().pk), "to_stage": "filed", "back": "https://evil.example/"}

    assert desk_of(sam).post(TRIAGE, answers).headers["Location"] == LIST


def test_whoever_may_only_look_changes_nothing(lead, reader, desk_of):
    ada, client = lead(), desk_of(reader)

    assert client.get(LIST).status_code == 200
    page = client.get(story_of(ada)).content.decode()
    assert "Next step" not in page
    assert client.post(TRIAGE, {"ids": str(ada.pk), "to_stage": "filed"}).status_code == 403
    assert not TriageAction.objects.exists()


def test_staff_without_permission_see_no_lead(lead, robin, desk_of):
    ada, client = lead(), desk_of(robin)

    assert "Ada" not in client.get("/admin/").content.decode()
    assert client.get(LIST).status_code == 403
    assert client.get(story_of(ada)).status_code == 403


def test_strangers_and_partners_are_sent_to_log_in(lead, client, robin, desk_of):
    robin.is_staff = False
    robin.save()

    for visitor in (client, desk_of(robin)):
        for address in ("/admin/", LIST, story_of(lead()), TRIAGE):
            assert "/admin/login/" in visitor.get(address).headers["Location"]


def test_a_failed_mail_can_be_sent_again(lead, sam, desk_of):
    lead()
    FollowUp.objects.update(state="failed", attempts=12)
    address = reverse("admin:candidates_followup_changelist")
    chosen = {"action": "try_again", "_selected_action": [str(FollowUp.objects.get().pk)]}

    page = desk_of(sam).post(address, chosen, follow=True)

    assert "1 e-mail is due again." in page.content.decode()
    assert FollowUp.objects.get().state == "due"


def test_the_ledger_is_read_and_never_written_by_hand(lead, sam, desk_of):
    lead()
    client = desk_of(sam)
    address = reverse("admin:partners_credit_change", args=[Credit.objects.get().pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"amount": "5"}).status_code == 403
    assert client.get(reverse("admin:partners_credit_add")).status_code == 403


def test_a_code_stays_once_it_was_handed_out(link, sam, desk_of):
    page = desk_of(sam).get(reverse("admin:partners_referrallink_change", args=[link.pk]))

    assert "code" not in page.context["adminform"].form.fields


def test_every_list_and_form_of_the_admin_opens_under_the_strict_policy(lead, link, sam, desk_of):
    client, ada = desk_of(sam), lead()
    del ada
    models = ["candidates_candidate", "candidates_followup", "candidates_suppression",
              "candidates_phoneconflict", "candidates_resubmission"]  # fmt: skip
    addable = ["partner", "referrallink", "member", "drive", "milestone", "user"]
    names = [f"admin:{it}_changelist" for it in models]
    names += [f"admin:partners_{it}_{page}" for it in addable for page in ("changelist", "add")]
    names += ["admin:partners_credit_changelist", "admin:partners_tally_changelist", "admin:index"]

    for name in names:
        answer = client.get(reverse(name))
        policy = answer.headers["Content-Security-Policy"]
        page = answer.content.decode()
        assert answer.status_code == 200, name
        assert "unsafe" not in policy
        assert ' style="' not in page, name
        assert "<style" not in page, name
        assert "onclick=" not in page, name
        assert "<script>" not in page, name


def test_a_correction_of_the_ledger_is_part_of_the_story(lead, link, sam, desk_of, now):
    ada = lead()
    Credit.objects.create(
        candidate_uuid=ada.pk, drive=Drive.objects.current(now), link=link, partner=link.partner,
        kind="voided", counts_as="signed_up", amount=-1, at=now, recorded_at=now,
        reason="made up", author=sam,
    )  # fmt: skip

    page = desk_of(sam).get(story_of(ada)).content.decode()

    assert "Credit -1 for “voided”: Example Voters, Instagram bio" in page
    assert "made up" in page
