"""The board says what is wrong with mail first, then what went through each hour."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates import desk, mail_board, pauses
from candidates.mail_board.today import Sent
from candidates.models import FollowUp, Lane, MailEvent, MailPause, Suppression
from partners.models import MailRoute
from tests import mails

pytestmark = pytest.mark.django_db

BOARD = reverse("admin:candidates_mail_board")
MAILS = reverse("admin:candidates_followup_changelist")
EVENTS = reverse("admin:candidates_mailevent_changelist")
PAUSE, RESUME = (
    reverse("admin:candidates_mail_lane", args=[Lane.BULK.value, deed])
    for deed in ("pause", "resume")
)
HOUR = timedelta(hours=1)


@pytest.fixture
def mail(lead):
    """One mail, of somebody new, in some state: `mail("sent", sent_at=...)`."""

    def make(state="due", place=mails.REMIND, **fields):
        person = lead(organic=True)
        person.followups.all().delete()
        owed = mails.owe(person, place, at=fields.pop("at", timezone.now()))
        FollowUp.objects.filter(pk=owed.pk).update(state=state, **fields)
        return FollowUp.objects.get(pk=owed.pk)

    return make


def hours_of(now):
    return mail_board.look(now=now, zone=timezone.get_default_timezone())


def test_each_mail_counts_in_its_hour_and_state(mail, now):
    at = now + timedelta(minutes=30)
    for state in ("due", "sending", "failed", "suppressed", "needless", "held"):
        mail(state, at=now)
    mail("sent", at=now - 3 * HOUR, sent_at=now + timedelta(minutes=5))
    mail("sent", at=now - 3 * HOUR, sent_at=now - HOUR)

    board = hours_of(at)

    this, before = board.hours[-1], board.hours[-2]
    assert (this.at, this.due, this.sending, this.sent, this.failed) == (now, 1, 1, 1, 1)
    assert (this.suppressed, this.needless, this.held) == (1, 1, 1)
    assert (before.at, before.sent, before.due) == (now - HOUR, 1, 0)
    assert (board.due, board.sent, board.failed, board.suppressed) == (2, 2, 1, 1)


def test_what_waits_since_yesterday_is_counted_and_the_future_is_not(mail, now):
    mail(at=now - timedelta(days=3))
    mail(at=now + HOUR)
    mail("suppressed", at=now + HOUR)
    mail("sent", at=now, sent_at=now - timedelta(days=2))

    board = hours_of(now)

    assert (board.earlier.due, board.due, board.sent, board.suppressed) == (1, 1, 0, 0)
    assert len(board.hours) == 24


def test_a_late_mail_a_pause_and_a_rest_are_said_first(mail, sam, desk_of):
    at = timezone.now()
    mail(at=at - timedelta(minutes=7))
    pauses.pause(lane=Lane.BULK, reason=MailPause.Reason.BOUNCES, now=at)
    MailRoute.objects.create(
        key="domain:example.org", refilled_at=at, failures=5, rests_until=at + HOUR
    )

    for address in (BOARD, "/admin/"):
        page = desk_of(sam).get(address).content.decode().replace("\xa0", " ")
        assert "A mail has been due for 7 minutes" in page
        assert "What leaves in its turn is paused" in page
        assert "too many addresses bounce" in page
        assert "Mail to example.org is given a rest" in page


def test_all_is_well_where_mail_is_due_for_less_than_five_minutes(mail, sam, desk_of):
    at = timezone.now()
    mail(at=at - timedelta(minutes=4))
    MailRoute.objects.create(key="provider", refilled_at=at, rests_until=at - HOUR)

    assert mail_board.standing(now=at).is_fine
    assert not mail_board.standing(now=at + timedelta(minutes=2)).is_fine
    assert "All mail leaves as it comes due." in desk_of(sam).get(BOARD).content.decode()
    assert "Mail needs somebody" not in desk_of(sam).get("/admin/").content.decode()


def test_what_is_in_a_worker_s_hands_is_not_late(mail, now):
    mail("sending", at=now - HOUR, leased_until=now + timedelta(seconds=30))

    assert mail_board.standing(now=now).is_fine


def test_a_restored_backup_says_what_it_means(sam, desk_of):
    at = timezone.now()
    for lane in Lane:
        pauses.pause(lane=lane, reason=MailPause.Reason.RESTORED, now=at)

    page = desk_of(sam).get(BOARD).content.decode()
    asked = desk_of(sam).get(RESUME).content.decode()

    assert "The database was restored from a backup." in page
    assert "leaves a second time" in asked


def test_a_colleague_pauses_what_can_wait_and_says_why(mail, sam, desk_of):
    client = desk_of(sam)

    client.get(PAUSE)
    client.post(PAUSE, {"reason": ""})
    assert pauses.paused() == {}
    page = client.post(PAUSE, {"reason": "The wrong date."}, follow=True).content.decode()
    client.post(PAUSE, {"reason": "Once more."})

    paused = pauses.paused()[Lane.BULK]
    assert (paused.reason, paused.author) == ("by_staff", sam)
    assert "“The wrong date.”" in page
    assert "Once more." not in client.get(BOARD).content.decode()

    client.post(RESUME, {"reason": "Mended."})
    assert pauses.paused() == {}


def test_nobody_pauses_what_somebody_waits_for_by_hand(sam, desk_of):
    address = reverse("admin:candidates_mail_lane", args=[Lane.URGENT.value, "pause"])

    assert desk_of(sam).post(address, {"reason": "x"}).status_code == 404
    assert desk_of(sam).get(PAUSE.replace("pause", "nonsense")).status_code == 404
    assert pauses.paused() == {}


def test_whoever_may_only_look_neither_pauses_nor_resumes(robin, permit, desk_of):
    client = desk_of(robin)
    assert client.get(BOARD).status_code == 403

    client = desk_of(permit(robin, "view_followup"))
    page = client.get(BOARD)
    assert page.status_code == 200
    assert "Pause it" not in page.content.decode()
    assert client.post(PAUSE, {"reason": "x"}).status_code == 403
    assert pauses.paused() == {}


def test_sequences_show_what_they_sent_today_and_what_came_of_it(mail, now):
    sent = [mail("sent", sent_at=now) for _number in range(4)]
    yesterday = mail("sent", sent_at=now - timedelta(days=1))
    hear(sent[0], now, "soft_bounce", "hard_bounce")
    hear(sent[1], now, "complaint", "delivered")
    hear(yesterday, now, "hard_bounce")

    [told] = hours_of(now).sequences

    assert (told.name, told.sent, told.bounced, told.complaints) == ("Confirmation", 4, 1, 1)
    assert (told.bounced_percent, told.complaints_percent, told.is_trouble) == (25, 25, True)


@pytest.mark.parametrize(
    ("sent", "bounced", "complaints", "is_trouble"),
    [(1000, 49, 0, False), (1000, 50, 0, True), (1001, 0, 1, False), (1000, 0, 1, True)],
)
def test_what_would_stop_the_lane_is_marked(sent, bounced, complaints, is_trouble):
    told = Sent("Welcome", sent=sent, bounced=bounced, complaints=complaints)

    assert told.is_trouble is is_trouble


def hear(mail, at, *kinds):
    for kind in kinds:
        MailEvent.objects.create(
            followup=mail, provider="sink", event_id=f"{mail.pk}{kind}", kind=kind, at=at,
            recorded_at=at,
        )  # fmt: skip


def test_the_board_comes_up_to_date_unless_it_is_held(sam, desk_of):
    assert desk_of(sam).get(BOARD)["Refresh"] == "15"
    assert "Refresh" not in desk_of(sam).get(f"{BOARD}?still")


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("address", [BOARD, MAILS, "/admin/candidates/mailevent/"])
def test_three_of_everything_cost_no_more_queries_than_one(address, mail, sam, desk_of):
    client, at = desk_of(sam), timezone.now()

    def more():
        hear(mail("sent", sent_at=at), at, "hard_bounce")
        for state in ("failed", "due", "needless"):
            mail(state)

    more()
    one = queries(client, address)
    more(), more()

    assert queries(client, address) == one


def test_the_list_of_mails_opens_on_what_failed_for_good(mail, sam, desk_of):
    failed, due, sent = mail("failed"), mail("due"), mail("sent", sent_at=timezone.now())

    def shown(query=""):
        return set(desk_of(sam).get(MAILS + query).context["cl"].result_list)

    def found(words):
        page = desk_of(sam).post(MAILS, {"q": words}, follow=True)
        return set(page.context["cl"].result_list)

    assert shown() == {failed}
    assert shown("?state__exact=due") == {due}
    assert shown("?state__exact=sent") == {sent}
    assert found(due.candidate.email[:3]) == {failed, due, sent}
    assert found(due.candidate.email.upper()) == {due}
    assert found("example.org") == set()


def test_the_lists_of_events_and_suppressions_are_only_read(mail, sam, desk_of, now):
    hear(mail("sent", sent_at=now), now, "complaint")
    entry = Suppression.objects.create(digest="d" * 64, reason="complaint", at=now)
    client = desk_of(sam)

    for model, row in (("mailevent", MailEvent.objects.get()), ("suppression", entry)):
        address = reverse(f"admin:candidates_{model}_change", args=[row.pk])
        assert client.get(reverse(f"admin:candidates_{model}_changelist")).status_code == 200
        assert client.post(address, {"detail": "x"}).status_code == 403
        assert client.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_the_board_reads_every_number_from_an_index(mail, now):
    """With scans of whole tables forbidden, no plan has to fall back on one."""
    mail()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        hours_of(now)

    scans = set()
    for query in captured:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        scans |= set(re.findall(r"Seq Scan on candidates_(followup|mailevent)\b", plan))
    assert scans == set()


def test_the_desk_asks_four_questions_of_mail(mail, sam, django_assert_num_queries, now):
    mail()

    with django_assert_num_queries(4):
        mail_board.standing(now=now)
    assert desk.look(user=sam, now=now).mail.lanes[0].lane == Lane.URGENT


@pytest.mark.parametrize("may_see_leads", [True, False])
def test_whoever_may_see_no_lead_is_named_none_beside_their_mails(
    mail, robin, permit, desk_of, now, may_see_leads
):
    failed = mail("failed")
    hear(failed, now, "hard_bounce")
    leads = ["view_candidate"] if may_see_leads else []
    client = desk_of(permit(robin, "view_followup", "view_mailevent", *leads))
    told = {True: str(failed.candidate), False: str(failed.candidate_id)}

    for address in (MAILS, f"{MAILS}{failed.pk}/change/", EVENTS):
        page = client.get(address).content.decode()
        assert told[may_see_leads] in page, address
        assert may_see_leads or told[True] not in page, address


def test_whoever_may_see_no_lead_finds_out_no_address(mail, robin, permit, desk_of):
    mail("failed")
    client = desk_of(permit(robin, "view_followup"))

    pages = [client.post(MAILS, {"q": term}, follow=True) for term in ("nobody-of-this-name", "")]

    assert [len(page.context["cl"].result_list) for page in pages] == [1, 1]
    assert 'name="q"' not in pages[0].text
