"""Whoever writes for an hour and presses Save with an ended session loses no word."""

import logging
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from candidates.models import Broadcast, Sequence, StepText
from partners import keeping, throttling
from partners.models import ReferralLink, User
from partners.views import letting_in
from recruit import valkey
from tests import authenticator
from tests.broadcasts import drafted
from tests.forms import hidden

pytestmark = pytest.mark.usefixtures("drive")

PASSWORD = "a-long-enough-secret"
LINK = "/partners/river-valley/links/new/"
NEW_LINK = {"label": "Octubre & “más” <b>", "channel": "email", "destination": "form"}
WORDS = {
    "language": "en",
    "subject": 'He said "hello"',
    "body": "\r\n# Hello, {first_name|friend}\r\n\r\nTwo  spaces & 1 < 2.\r\nÑandú.\r\n",
    "seen": "0",
}
SAID = "# Hello, {first_name|friend}\n\nTwo  spaces & 1 < 2.\nÑandú.\n"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def sam(db) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, full_name="Sam Staff")


@pytest.fixture
def broadcast(sam) -> Broadcast:
    return drafted(sam, now=timezone.now())


def token_of(browser: Client, page: str) -> str:
    return browser.get(page).context["csrf_token"]


def enter(browser: Client, user: User) -> None:
    told = {"username": user.email, "password": PASSWORD}
    token = token_of(browser, "/log-in/")
    answer = browser.post("/log-in/", told | {"csrfmiddlewaretoken": token})
    assert answer.status_code == 302


def end_session(browser: Client) -> None:
    Session.objects.all().delete()


def send_late(browser: Client, user: User, page: str, to: str, told: dict):
    """Open a page, let the session end, and send what was typed in it."""
    enter(browser, user)
    token = token_of(browser, page)
    end_session(browser)
    return browser.post(to, told | {"csrfmiddlewaretoken": token})


def log_in_on(browser: Client, page, user: User, password: str = PASSWORD):
    told = {"username": user.email, "password": password}
    return browser.post("/log-in/", hidden(page.text, "/log-in/") | told)


def carry_on(browser: Client, page, to: str):
    return browser.post(to, hidden(page.text, to))


def test_a_link_that_was_typed_in_is_made_after_the_log_in(browser, olga, river):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    assert "log in, and it is here again" in page.text
    assert "no-store" in page["Cache-Control"]

    again = log_in_on(browser, page, olga)
    assert not ReferralLink.objects.filter(partner=river).exists()
    made = carry_on(browser, again, LINK)

    assert made.status_code == 302
    assert ReferralLink.objects.get(partner=river).label == NEW_LINK["label"]


def test_a_broadcast_keeps_every_word_of_an_hour(browser, sam, broadcast):
    to = f"/admin/candidates/broadcast/{broadcast.pk}/do/say/"
    at = f"/admin/candidates/broadcast/{broadcast.pk}/change/"
    page = send_late(browser, sam, at, to, WORDS | {"seen": "1"})

    again = log_in_on(browser, page, sam)
    assert "Two  spaces &amp; 1 &lt; 2." in again.text
    assert "no-store" in again["Cache-Control"]
    carry_on(browser, again, to)

    newest = StepText.objects.filter(step=broadcast.step).latest("version")
    assert (newest.subject, newest.body) == ('He said "hello"', SAID)


def test_the_words_of_a_step_keep_the_button_that_was_pressed(browser, sam):
    step = Sequence.objects.get(slug="welcome").steps.earliest("number")
    newest = StepText.objects.filter(step=step, language="en", partner=None).latest("version")
    at = f"/admin/candidates/sequence/{step.sequence_id}/steps/{step.pk}/text/?language=en"
    told = WORDS | {"seen": str(newest.version), "keep": "1"}
    page = send_late(browser, sam, at, at, told)

    carry_on(browser, log_in_on(browser, page, sam), at)

    assert StepText.objects.filter(step=step, language="en").latest("version").body == SAID


def test_a_wrong_password_on_the_way_loses_nothing(browser, olga, river):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)

    page = log_in_on(browser, page, olga, password="not-the-password")
    assert "match an account here" in page.text
    carry_on(browser, log_in_on(browser, page, olga), LINK)

    assert ReferralLink.objects.filter(partner=river).exists()


def test_one_try_too_many_on_the_way_loses_nothing(browser, olga, river, monkeypatch):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)

    with monkeypatch.context() as strict:
        strict.setattr(throttling, "LOG_IN", throttling.Limit(0, 0, 0, timedelta(hours=1)))
        refused = log_in_on(browser, page, olga)
    assert refused.status_code == 429
    back = browser.post("/log-in/", hidden(refused.text, "/log-in/"))
    carry_on(browser, log_in_on(browser, back, olga), LINK)

    assert ReferralLink.objects.filter(partner=river).exists()


def test_who_has_a_second_step_takes_it_before_going_on(browser, olga, river):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    authenticator.turn_on(olga)

    asked = log_in_on(browser, page, olga)
    assert "Send it now" not in asked.text
    wrong = hidden(asked.text, "/log-in/code/") | {"code": authenticator.wrong_digits(olga)}
    asked = browser.post("/log-in/code/", wrong)
    right = hidden(asked.text, "/log-in/code/") | {"code": authenticator.digits(olga)}
    carry_on(browser, browser.post("/log-in/code/", right), LINK)

    assert ReferralLink.objects.filter(partner=river).exists()


def test_who_takes_too_long_for_the_second_step_begins_again_with_all_of_it(
    browser, olga, river, monkeypatch
):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    authenticator.turn_on(olga)
    asked = log_in_on(browser, page, olga)

    monkeypatch.setattr(letting_in, "PATIENCE", timedelta(0))
    late = hidden(asked.text, "/log-in/code/") | {"code": authenticator.digits(olga)}
    page = browser.post("/log-in/code/", late)

    assert "log in, and it is here again" in page.text
    assert hidden(page.text, "/log-in/")["kept"] == hidden(asked.text, "/log-in/code/")["kept"][:1]


def test_who_logged_in_anew_in_another_tab_sends_it_once_more(browser, olga, river):
    enter(browser, olga)
    old = token_of(browser, LINK)
    end_session(browser)
    enter(browser, olga)

    again = browser.post(LINK, NEW_LINK | {"csrfmiddlewaretoken": old}, headers=HERE)
    assert again.status_code == 403
    assert not ReferralLink.objects.filter(partner=river).exists()
    carry_on(browser, again, LINK)

    assert ReferralLink.objects.filter(partner=river).exists()


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {},
     {"Origin": "https://evil.example"}],
)  # fmt: skip
def test_what_another_site_sends_is_offered_to_nobody(browser, olga, headers):
    enter(browser, olga)

    answer = browser.post(LINK, NEW_LINK, headers=headers)

    assert answer.status_code == 403
    assert "Send it now" not in answer.text
    assert "Octubre" not in answer.text


def test_who_logged_in_in_another_tab_comes_from_the_log_in_with_all_of_it(browser, olga, river):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    enter(browser, olga)

    told = hidden(page.text, "/log-in/") | {"username": olga.email, "password": PASSWORD}
    again = browser.post("/log-in/", told, headers=HERE)
    carry_on(browser, again, LINK)

    assert ReferralLink.objects.filter(partner=river).exists()


def test_a_page_that_is_no_longer_ones_own_refuses_what_was_kept(browser, olga, river, sam):
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    stranger = User.objects.create_user("stranger@example.org", PASSWORD, full_name="Stranger")

    answer = carry_on(browser, log_in_on(browser, page, stranger), LINK)

    assert answer.status_code == 404
    assert not ReferralLink.objects.filter(partner=river).exists()


@pytest.mark.parametrize("line", ["x", "x:y:z", "\x00", ""])
def test_what_was_not_packed_here_is_carried_nowhere(client, olga, line):
    told = {"username": olga.email, "password": PASSWORD, "kept": line}

    assert client.post("/log-in/", told)["Location"] == "/partners/"


def test_secrets_and_more_than_a_page_are_not_carried_about():
    def packed(**fields: str) -> str:
        return keeping.pack(path="/", fields=list(fields.items()))

    assert packed(off_password="x", text="y") == ""
    assert packed(text="x" * 200_001) == ""
    assert packed(csrfmiddlewaretoken="x") == ""
    assert keeping.unpack(line=packed(text="x", csrfmiddlewaretoken="y")).fields == (("text", "x"),)


def test_a_file_a_script_and_an_empty_form_get_the_answer_they_always_got(client, river):
    empty = client.post(LINK)
    script = client.post(LINK, NEW_LINK, headers={"Sec-Fetch-Mode": "cors"})

    assert {it["Location"] for it in (empty, script)} == {f"/log-in/?next={LINK}"}


def test_nothing_of_it_is_in_a_session_the_cache_or_a_log(browser, olga, redis, caplog):
    caplog.set_level(logging.DEBUG)
    page = send_late(browser, olga, LINK, LINK, NEW_LINK)
    log_in_on(browser, page, olga)

    kept = hidden(page.text, "/log-in/")["kept"][0]
    told = [it.get_decoded() for it in Session.objects.all()]
    assert not any(it in str(told) for it in ("Octubre", kept))
    assert not any(it in caplog.text for it in ("Octubre", kept))
    in_redis = [valkey.client.dump(key) or b"" for key in valkey.client.scan_iter()]
    assert not any(b"Octubre" in it for it in in_redis)
