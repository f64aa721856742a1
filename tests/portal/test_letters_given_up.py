"""Letters that were given up: staff see which and why, and send them again."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from partners import letters, second_step
from partners.models import Letter, User
from tests.conftest import NOON
from tests.sink import Sink

LIST = "/admin/partners/letter/"


@pytest.fixture
def given_up(olga: User, sink: Sink) -> Letter:
    """Olga's mailbox was away when her letter came."""
    letters.owe(
        kind=Letter.Kind.SECOND_STEP,
        recipient=olga.email,
        language="en",
        facts={"user": olga.pk, "deed": second_step.Deed.ON},
        key="on",
        now=NOON,
    )
    sink.refuse[olga.email] = (550, "5.1.1 no such user")
    letters.sweep(clock=lambda: NOON)
    sink.refuse.clear()
    return Letter.objects.get()


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    """Sam, who may look at letters and change them."""
    may = ("view_letter", "change_letter")
    staff.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(staff)
    return client


def send_again(desk: Client, letter: Letter):
    chosen = {"action": "send_again", "_selected_action": [str(letter.pk)]}
    return desk.post(LIST, chosen, follow=True).text


def test_staff_see_which_were_given_up_and_why(desk: Client, given_up: Letter) -> None:
    page = desk.get(LIST, {"given_up_at__isempty": "0"}).text

    assert "olga@example.org" in page
    assert "SMTPRecipientsRefused 550" in page


def test_a_letter_is_sent_again_with_one_click_and_the_log_says_by_whom(
    desk: Client, staff: User, given_up: Letter, sink: Sink
) -> None:
    assert "1 letter that was given up is due again." in send_again(desk, given_up)

    assert letters.sweep(clock=lambda: NOON) == 1
    (entry,) = LogEntry.objects.all()
    assert (entry.user, entry.object_id) == (staff, str(given_up.pk))
    assert entry.change_message == "Sent again."
    given_up.refresh_from_db()
    assert (given_up.attempts, given_up.given_up_at, given_up.last_error) == (1, None, "")


def test_what_was_sent_is_not_sent_again(desk: Client, given_up: Letter, sink: Sink) -> None:
    Letter.objects.update(given_up_at=None, sent_at=NOON)

    assert "0 letters" in send_again(desk, given_up)

    assert letters.sweep(clock=lambda: NOON) == 0
    assert not LogEntry.objects.exists()


def test_who_may_only_look_sends_nothing_again(desk: Client, staff: User, given_up: Letter) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_letter"))

    send_again(desk, given_up)

    assert Letter.objects.get().given_up_at == NOON
    assert "send_again" not in desk.get(LIST).text
