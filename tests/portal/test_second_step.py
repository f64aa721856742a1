"""A second step at log-in: six digits from an app after the password, or a recovery code."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners import joining, keys, letters, passwords, second_step
from partners.models import Letter, Member, Partner, User
from partners.views import letting_in
from tests import authenticator
from tests.sink import Sink

PASSWORD = "a-long-enough-secret"
CODE_PAGE, OWN_PAGE = "/log-in/code/", "/account/second-step/"
CODE = re.compile(r'<span class="code">([a-z2-7]{4} [a-z2-7]{4})</span>')


@pytest.fixture
def codes(olga: User) -> list[str]:
    """Olga's recovery codes: her second step is on."""
    return authenticator.turn_on(olga)


def enter_password(client: Client, email: str = "olga@example.org", **more):
    return client.post("/log-in/", {"username": email, "password": PASSWORD} | more)


def enter_digits(client: Client, digits: str):
    return client.post(CODE_PAGE, {"code": digits})


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def deeds() -> list[str]:
    own = Letter.objects.filter(kind="second_step").order_by("owed_at")
    return [letter.facts["deed"] for letter in own]


def test_it_is_turned_on_with_the_first_code_and_ten_recovery_codes_are_shown_once(as_olga, olga):
    as_olga.post(OWN_PAGE, {"do": "begin"})
    page = as_olga.get(OWN_PAGE).text
    secret = re.search(r'<strong class="code">((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})</strong>', page)[1]
    assert "<svg" in page
    assert "style=" not in page

    shown = as_olga.post(OWN_PAGE, {"do": "confirm", "code": authenticator.digits_of(secret)})

    olga.refresh_from_db()
    assert olga.second_step_at
    assert len(set(CODE.findall(shown.text))) == 10
    assert "no-store" in shown["Cache-Control"]
    afterwards = as_olga.get(OWN_PAGE)
    assert afterwards.status_code == 200
    assert CODE.findall(afterwards.text) == []
    assert secret not in afterwards.text
    assert "You have 10 codes left" in afterwards.text


def test_opening_the_page_makes_no_secret(as_olga):
    as_olga.get(OWN_PAGE)

    assert TOTPDevice.objects.count() == 0


def test_without_the_right_first_code_it_stays_off(as_olga, olga):
    as_olga.post(OWN_PAGE, {"do": "begin"})

    for typed in (authenticator.wrong_digits(olga), "", "abcdef", "²²²²²²"):
        page = as_olga.post(OWN_PAGE, {"do": "confirm", "code": typed})
        assert (page.status_code, CODE.findall(page.text)) == (200, [])

    olga.refresh_from_db()
    assert olga.second_step_at is None
    as_olga.logout()
    assert enter_password(as_olga)["Location"] == "/partners/"


def test_who_has_turned_it_on_begins_no_second_time(as_olga, olga, codes):
    as_olga.force_login(olga)
    as_olga.post(OWN_PAGE, {"do": "begin"})
    as_olga.post(OWN_PAGE, {"do": "confirm", "code": authenticator.digits(olga)})

    with pytest.raises(second_step.NotBegun):
        second_step.confirm(user=olga, code="1", language="en", now=timezone.now())
    assert TOTPDevice.objects.count() == 1


def test_the_password_leads_to_the_second_step_and_that_to_where_one_wanted_to_go(
    client, olga, codes
):
    asked = enter_password(client, next="/partners/river-valley/links/")
    assert asked["Location"] == CODE_PAGE
    assert not is_logged_in(client)

    answer = enter_digits(client, authenticator.digits(olga))

    assert answer["Location"] == "/partners/river-valley/links/"
    assert is_logged_in(client)


def test_the_page_asks_for_digits_as_phones_know_them(client, codes):
    enter_password(client)

    field = re.search(r'<input[^>]+name="code"[^>]*>', client.get(CODE_PAGE).text)[0]

    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field


def test_spaces_do_not_matter(client, olga, codes):
    digits = authenticator.digits(olga)
    enter_password(client)

    assert enter_digits(client, f" {digits[:3]} {digits[3:]}").status_code == 302


def test_nobody_is_sent_to_another_site(client, olga, codes):
    enter_password(client, next="https://evil.example/")

    assert enter_digits(client, authenticator.digits(olga))["Location"] == "/partners/"


def test_wrong_digits_let_nobody_in(client, olga, codes):
    enter_password(client)

    page = enter_digits(client, authenticator.wrong_digits(olga))

    assert "These digits aren&#x27;t right" in page.text
    assert not is_logged_in(client)


def test_digits_of_a_colleague_let_nobody_in(client, olga, staff):
    for colleague in (staff, olga):
        authenticator.turn_on(colleague)
    enter_password(client)

    assert enter_digits(client, authenticator.digits(staff)).status_code == 200
    assert not is_logged_in(client)


def test_digits_that_were_used_open_no_second_browser(client, olga, codes):
    digits, other = authenticator.digits(olga), Client()
    for browser in (client, other):
        enter_password(browser)

    assert enter_digits(client, digits).status_code == 302
    assert enter_digits(other, digits).status_code == 200
    assert not is_logged_in(other)
    assert enter_digits(other, authenticator.digits(olga, ahead=1)).status_code == 302


def test_a_recovery_code_opens_the_account_once_and_a_letter_says_so(client, codes):
    typed = codes[0].replace(" ", "-").upper()
    other = Client()
    for browser in (client, other):
        enter_password(browser)

    assert client.post(CODE_PAGE, {"recovery_code": typed}).status_code == 302
    refused = other.post(CODE_PAGE, {"recovery_code": typed})

    assert is_logged_in(client)
    assert "This recovery code isn&#x27;t right" in refused.text
    assert not is_logged_in(other)
    assert deeds() == ["on", "code_used"]
    assert Letter.objects.get(facts__deed="code_used").facts["left"] == 9


@pytest.mark.django_db(transaction=True)
def test_of_many_who_try_one_recovery_code_at_once_one_gets_in(olga, codes):
    def attempt(_n: int) -> bool:
        with closing(connection):
            try:
                second_step.take(user=olga, code=codes[0], language="en", now=timezone.now())
            except second_step.WrongCode:
                return False
            return True

    with ThreadPoolExecutor(4) as thieves:
        assert sum(thieves.map(attempt, range(8))) == 1


def test_who_guesses_digits_waits_and_so_does_the_right_code(client, olga, codes):
    enter_password(client)

    tries = [enter_digits(client, authenticator.wrong_digits(olga)).status_code for _n in range(11)]

    assert tries == [200] * 10 + [429]
    assert enter_digits(client, authenticator.digits(olga)).status_code == 429
    assert client.post(CODE_PAGE, {"recovery_code": codes[0]}).status_code == 429
    assert not is_logged_in(client)


def test_entering_the_password_again_gives_no_more_tries(client, olga, codes):
    tries = []
    for _n in range(11):
        enter_password(client)
        tries.append(enter_digits(client, authenticator.wrong_digits(olga)).status_code)

    assert tries[-1] == 429


def test_guessing_at_one_account_from_many_places_ends_too(client, olga, codes):
    enter_password(client)
    wrong = {"code": authenticator.wrong_digits(olga)}

    tries = [
        client.post(CODE_PAGE, wrong, REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(21)
    ]

    assert tries == [200] * 20 + [429]


def test_who_mistypes_and_then_gets_it_right_starts_anew(client, olga, codes):
    enter_password(client)
    for _n in range(9):
        enter_digits(client, authenticator.wrong_digits(olga))
    assert enter_digits(client, authenticator.digits(olga)).status_code == 302

    client.post("/log-out/")
    enter_password(client)
    assert enter_digits(client, authenticator.wrong_digits(olga)).status_code == 200


def test_ten_minutes_after_the_password_it_has_to_be_entered_anew(client, olga, codes, monkeypatch):
    enter_password(client)
    later = timezone.now() + letting_in.PATIENCE + timedelta(seconds=1)
    monkeypatch.setattr(letting_in.timezone, "now", lambda: later)

    assert enter_digits(client, authenticator.digits(olga))["Location"] == "/log-in/"


def test_a_password_that_was_changed_meanwhile_is_worth_nothing(client, olga, codes):
    enter_password(client)
    olga.set_password("another-long-secret")
    olga.save()

    assert enter_digits(client, authenticator.digits(olga))["Location"] == "/log-in/"


def test_an_account_that_was_switched_off_meanwhile_lets_nobody_in(client, olga, codes):
    enter_password(client)
    User.objects.update(is_active=False)

    assert enter_digits(client, authenticator.digits(olga))["Location"] == "/log-in/"


def test_a_new_password_by_mail_neither_logs_in_nor_turns_it_off(client, olga, codes):
    passwords.ask(email=olga.email, language="en", now=timezone.now())
    letters.sweep(clock=timezone.now)
    from_mail = re.search(r"http://[^/]+(/new-password/\S+)", mail.outbox[0].body)[1]
    form = client.get(from_mail, follow=True)
    new = {"new_password1": "another-long-secret", "new_password2": "another-long-secret"}
    client.post(form.request["PATH_INFO"], new)

    assert not is_logged_in(client)
    words = {"username": "olga@example.org", "password": "another-long-secret"}
    assert client.post("/log-in/", words)["Location"] == CODE_PAGE
    assert not is_logged_in(client)


def test_an_invitation_is_no_way_past_it(client, olga, codes, harbor):
    olga.set_unusable_password()
    olga.save()
    invitation = joining.invite(
        partner=harbor,
        email=olga.email,
        role=Member.Role.VIEWER,
        by=None,
        language="en",
        now=timezone.now(),
    )
    key = keys.make(purpose="join", name=invitation.id)
    new = {"full_name": "Olga", "password1": "another-long-secret"}
    answer = client.post(f"/join/{key}/", new | {"password2": "another-long-secret"})

    assert answer["Location"] == CODE_PAGE
    assert not is_logged_in(client)
    assert enter_digits(client, authenticator.digits(olga))["Location"] == "/partners/harbor-city/"


def test_turning_it_on_ends_the_sessions_elsewhere_and_not_this_one(as_olga, olga):
    elsewhere = Client()
    elsewhere.force_login(olga)
    as_olga.post(OWN_PAGE, {"do": "begin"})

    as_olga.post(OWN_PAGE, {"do": "confirm", "code": authenticator.digits(olga)})

    assert is_logged_in(as_olga)
    assert not is_logged_in(elsewhere)


@pytest.mark.parametrize(
    ("password", "is_code_right", "words"),
    [
        ("wrong", True, "That isn&#x27;t your password."),
        (PASSWORD, False, "This code isn&#x27;t right"),
        ("", True, "Enter your password."),
    ],
)
def test_turning_it_off_takes_the_password_and_a_code(
    client, olga, codes, password, is_code_right, words
):
    client.force_login(olga)
    code = codes[0] if is_code_right else "aaaa aaaa"

    page = client.post(OWN_PAGE, {"do": "off", "off-password": password, "off-code": code})

    assert words in page.text
    olga.refresh_from_db()
    assert olga.second_step_at
    assert second_step.codes_left(user=olga) == 10


def test_guessing_in_a_session_left_open_ends_too(client, olga, codes):
    client.force_login(olga)
    typed = {"do": "off", "off-password": PASSWORD, "off-code": "aaaa aaaa"}

    tries = [client.post(OWN_PAGE, typed).status_code for _n in range(11)]

    assert tries == [200] * 10 + [429]


def test_who_turned_it_off_logs_in_with_the_password_alone(client, olga, codes):
    client.force_login(olga)
    proof = {"off-password": PASSWORD, "off-code": authenticator.digits(olga)}

    answer = client.post(OWN_PAGE, {"do": "off"} | proof)

    assert answer["Location"] == "/account/"
    assert is_logged_in(client)
    assert enter_password(Client())["Location"] == "/partners/"
    assert TOTPDevice.objects.count() == second_step.codes_left(user=olga) == 0
    assert deeds() == ["on", "off"]


def test_new_recovery_codes_end_the_old_ones(client, olga, codes):
    client.force_login(olga)
    proof = {"codes-password": PASSWORD, "codes-code": authenticator.digits(olga)}

    page = client.post(OWN_PAGE, {"do": "codes"} | proof)

    new = CODE.findall(page.text)
    assert len(new) == 10
    assert set(new).isdisjoint(codes)
    how = {"user": olga, "language": "en", "now": timezone.now()}
    with pytest.raises(second_step.WrongCode):
        second_step.take(code=codes[0], **how)
    second_step.take(code=new[0], **how)
    assert deeds() == ["on", "new_codes", "code_used"]


def test_sending_the_form_for_new_codes_again_shows_none(client, olga, codes):
    client.force_login(olga)
    proof = {"codes-password": PASSWORD, "codes-code": authenticator.digits(olga)}
    client.post(OWN_PAGE, {"do": "codes"} | proof)

    assert CODE.findall(client.post(OWN_PAGE, {"do": "codes"} | proof).text) == []


def test_every_change_is_mailed_and_nothing_secret_is_in_it(olga, codes, sink: Sink):
    device = TOTPDevice.objects.get()
    how = {"user": olga, "language": "en", "now": timezone.now()}
    second_step.take(code=codes[0], **how)
    new = second_step.renew_codes(**how)
    second_step.turn_off(**how)
    second_step.begin(user=olga)

    letters.sweep(clock=timezone.now)

    assert [it["Subject"] for it in sink.messages] == [
        "The second step of your log-in is on",
        "A recovery code of yours was used",
        "You have new recovery codes",
        "The second step of your log-in is off",
    ]
    assert {it["To"] for it in sink.messages} == {olga.email}
    told = " ".join(it.as_string() for it in sink.messages) + str(list(Letter.objects.values()))
    hidden = {device.key, second_step.secret(device=device), *codes, *new}
    assert [it for it in hidden if it in told or it.replace(" ", "") in told] == []


def test_the_pages_of_who_has_it_cost_no_query_more(client, olga, drive, link):
    def tables_asked() -> list[str]:
        client.force_login(olga)
        with CaptureQueriesContext(connection) as asked:
            client.get("/partners/river-valley/")
        return [re.sub(r"\d", "", it["sql"])[:60] for it in asked.captured_queries]

    tables_asked()
    without = tables_asked()
    authenticator.turn_on(olga)

    assert len(tables_asked()) == len(without)


@pytest.mark.parametrize("path", ["/", "/live/", "/privacy/", "/thanks/"])
def test_public_pages_ask_for_no_session_and_no_code(client, olga, codes, drive, path):
    client.force_login(olga)

    with CaptureQueriesContext(connection) as asked:
        client.get(path)

    assert not [it for it in asked.captured_queries if re.search("session|otp_", it["sql"])]


def test_a_partner_s_member_need_not_have_it_where_staff_must(as_olga, settings, drive):
    settings.REQUIRE_STAFF_TOTP = True

    assert as_olga.get("/partners/river-valley/").status_code == 200


def test_staff_look_at_no_partner_before_they_have_it_where_they_must(
    client, staff, settings, drive, river: Partner
):
    settings.REQUIRE_STAFF_TOTP = True
    client.force_login(staff)
    assert client.get("/partners/river-valley/").status_code == 403

    authenticator.turn_on(staff)
    client.force_login(User.objects.get(pk=staff.pk))

    assert client.get("/partners/river-valley/").status_code == 200
