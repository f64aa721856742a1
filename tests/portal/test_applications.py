"""An organisation asks to become a partner; staff approve or decline it, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from partners import joining
from partners.models import Application, Invitation, Letter, Member, Partner, ReferralLink, User
from partners.views import joining as doors

PAGE, LIST = "/partner-with-us/", "/admin/partners/application/"
TYPED = {
    "organisation": "Example Nurses",
    "contact_name": "Nora Nurse",
    "contact_email": "nora@example.org",
    "website": "example.org",
    "expected_sign_ups": "50",
    "agreement": "on",
}


@pytest.fixture
def sam(db: None) -> Client:
    """A colleague who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("sam@example.org", full_name="Sam Staff"))
    return client


@pytest.fixture
def application(db: None) -> Callable[..., Application]:
    def ask(organisation: str = "Example Nurses", **fields) -> Application:
        asked = {
            "contact_name": "Nora Nurse", "contact_email": "nora@example.org", "language": "es",
            "website": "https://example.org", "expected_sign_ups": 50, "agreed_wording": "Yes.",
            "applied_at": timezone.now(),
        }  # fmt: skip
        return Application.objects.create(organisation=organisation, **(asked | fields))

    return ask


def verb(application: Application, verb: str) -> str:
    return f"{LIST}{application.pk}/{verb}/"


def test_an_organisation_asks_and_is_thanked(client, db):
    assert client.get(PAGE).status_code == 200

    page = client.post(PAGE, TYPED, follow=True)

    assert "Thank you. We read it." in page.content.decode()
    kept = Application.objects.get()
    assert (kept.organisation, kept.website) == ("Example Nurses", "https://example.org")
    assert (kept.language, kept.decided_at) == ("en", None)
    assert "promise nobody anything" in kept.agreed_wording


def test_what_was_typed_stays_when_something_is_missing(client, db):
    response = client.post(PAGE, TYPED | {"expected_sign_ups": "many"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter a number, like 50." in page
    assert 'value="nora@example.org"' in page
    assert not Application.objects.exists()


def test_the_blank_form_is_rendered_once_for_each_language_and_never_with_answers(
    client, db, monkeypatch
):
    client.post(PAGE, TYPED | {"website": ""})
    shown = [client.get(path) for path in (PAGE, f"/es{PAGE}")]
    monkeypatch.setattr(doors, "render_crispy_form", None)

    again = [client.get(path) for path in (PAGE, f"/es{PAGE}")]

    forms = [it.context["form_html"] for it in again]
    assert forms == [it.context["form_html"] for it in shown]
    assert [words in form for form in forms for words in ("Your name", "Tu nombre")] == [
        *(True, False),
        *(False, True),
    ]
    assert all(form in page.text for form, page in zip(forms, again, strict=True))
    assert not [form for form in forms if "Nora" in form or "is-invalid" in form]


def test_nobody_applies_without_agreeing(client, db):
    response = client.post(PAGE, {name: it for name, it in TYPED.items() if name != "agreement"})

    assert "Tick this box" in response.content.decode()
    assert not Application.objects.exists()


def test_who_takes_the_bait_is_asked_to_press_the_button_again(client, db):
    response = client.post(PAGE, TYPED | {"fax": "555"})

    assert response.status_code == 422
    assert "Something filled in a field that only robots see." in response.content.decode()
    assert 'value="555"' not in response.content.decode()
    assert not Application.objects.exists()


def test_sent_twice_it_is_one_application(client, db):
    client.post(PAGE, TYPED)
    client.post(PAGE, TYPED)

    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_eight_times_at_once_it_is_one_application():
    def apply(_n: int) -> int:
        with closing(connection):
            return Client().post(PAGE, TYPED).status_code

    with ThreadPoolExecutor(8) as clicks:
        answers = list(clicks.map(apply, range(8)))

    assert answers == [302] * 8
    assert Application.objects.count() == 1


@pytest.mark.parametrize("page", ["/", "/log-in/"])
def test_the_form_is_found_from_the_pages_of_everybody(client, db, page):
    assert 'href="/partner-with-us/"' in client.get(page).content.decode()


def test_who_waits_comes_first_and_the_desk_says_how_many(sam, application):
    now = timezone.now()
    application("Decided", decided_at=now)
    application("Newer", applied_at=now)
    application("Older", applied_at=now - timedelta(days=1))

    listed = sam.get(LIST).context_data["cl"].result_list

    assert [it.organisation for it in listed] == ["Older", "Newer", "Decided"]
    desk = sam.get("/admin/")
    assert str(desk.context["desk"].applications) == "2"
    assert f"{LIST}?decided_at__isempty=1" in desk.content.decode()


def test_opening_the_pages_of_approve_and_decline_decides_nothing(sam, application):
    asked = application()

    page = sam.get(f"{LIST}{asked.pk}/change/").content.decode()
    assert verb(asked, "approve") in page
    assert "nora@example.org" in page
    assert "Your e-mail" not in page
    for name in ("approve", "decline"):
        assert "Example Nurses" in sam.get(verb(asked, name)).content.decode()

    assert not Application.objects.exclude(decided_at=None).exists()


def test_approved_it_has_a_link_and_a_manager_is_invited_in_the_language_it_wrote(sam, application):
    asked = application()

    page = sam.post(verb(asked, "approve"), follow=True).content.decode()

    assert "Example Nurses is a partner now." in page
    assert verb(asked, "approve") not in page
    partner = Partner.objects.get()
    assert ReferralLink.objects.get().partner == partner
    invitation = Invitation.objects.get()
    assert (invitation.partner, invitation.email) == (partner, "nora@example.org")
    assert (invitation.role, invitation.language) == ("manager", "es")
    assert Letter.objects.get().kind == "invitation"
    asked.refresh_from_db()
    assert (asked.partner, asked.decided_by.email) == (partner, "sam@example.org")


def test_an_organisation_called_new_gets_a_link_whose_page_can_be_opened(sam, application):
    sam.post(verb(application("New"), "approve"))

    assert ReferralLink.objects.get().code == "new-2"


def test_a_name_puts_no_paragraph_of_its_own_into_a_letter(client, db):
    client.post(PAGE, TYPED | {"organisation": "Example\r\n\r\nYou won!\u2028evil.example"})

    assert Application.objects.get().organisation == "Example You won! evil.example"


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_approve_at_once_make_one_partner(application):
    address = verb(application(), "approve")

    def approve(email: str) -> str:
        with closing(connection):
            client = Client()
            client.force_login(User.objects.get(email=email))
            return client.post(address, follow=True).content.decode()

    emails = ["sam@example.org", "sue@example.org"]
    for email in emails:
        User.objects.create_superuser(email)
    with ThreadPoolExecutor(2) as clicks:
        first, second = sorted(clicks.map(approve, emails), key=lambda it: "decided before" in it)

    assert "is a partner now" in first
    assert "This application was decided before. Nothing was changed." in second
    for model in (Partner, ReferralLink, Invitation, Letter):
        assert model.objects.count() == 1


def test_declined_it_gets_a_letter_and_cannot_be_approved_after_all(sam, application):
    asked = application()

    sam.post(verb(asked, "decline"))
    page = sam.post(verb(asked, "approve"), follow=True).content.decode()

    assert "decided before" in page
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.language) == (
        "declined", "nora@example.org", "es",
    )  # fmt: skip
    assert not Partner.objects.exists()


def test_a_name_that_a_partner_has_is_settled_by_staff_first(sam, application, river):
    asked = application("River Valley ORGANIZERS")

    page = sam.post(verb(asked, "approve"), follow=True).content.decode()

    assert "Another partner has this name." in page
    asked.refresh_from_db()
    assert asked.decided_at is None
    assert not Letter.objects.exists()


@pytest.mark.parametrize("rights", [[], ["view_application"]])
def test_a_colleague_without_the_right_decides_nothing(client, staff, application, rights):
    staff.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(staff)
    asked = application()

    for name in ("approve", "decline"):
        assert client.get(verb(asked, name)).status_code == 403
        assert client.post(verb(asked, name)).status_code == 403

    page = client.get(f"{LIST}{asked.pk}/change/")
    assert page.status_code == (200 if rights else 403)
    assert "/approve/" not in page.content.decode()
    asked.refresh_from_db()
    assert asked.decided_at is None


def test_a_member_of_a_partner_is_not_let_in(as_olga, application):
    assert as_olga.post(verb(application(), "approve")).status_code == 302
    assert not Partner.objects.filter(name="Example Nurses").exists()


def test_staff_invite_a_manager_once_and_withdraw_the_invitation(sam, river):
    add, typed = "/admin/partners/invitation/add/", {"partner": river.pk, "language": "en"}

    sam.post(add, typed | {"email": "Nina@Example.org"})
    again = sam.post(add, typed | {"email": "nina@example.org"}, follow=True)

    invited = Invitation.objects.get()
    assert (invited.email, invited.role) == ("nina@example.org", Member.Role.MANAGER)
    assert invited.invited_by.email == "sam@example.org"
    assert Letter.objects.get().facts == {"invitation": str(invited.pk)}
    assert "This address was invited already." in again.content.decode()

    chosen = {"action": "withdraw", "_selected_action": [str(invited.pk)]}
    page = sam.post("/admin/partners/invitation/", chosen, follow=True)

    assert "1 invitation withdrawn." in page.content.decode()
    invited.refresh_from_db()
    assert invited.withdrawn_at


def test_staff_are_told_that_somebody_is_a_member_already(sam, river, olga):
    typed = {"partner": river.pk, "language": "en", "email": olga.email}

    page = sam.post("/admin/partners/invitation/add/", typed, follow=True)

    assert "This person is a member already." in page.content.decode()
    assert not Invitation.objects.exists()


def test_letters_that_were_given_up_are_found_and_nothing_is_edited(sam, river):
    for email in ("gone@example.org", "here@example.org"):
        joining.invite(
            partner=river, email=email, role=Member.Role.VIEWER, by=None, language="en",
            now=timezone.now(),
        )  # fmt: skip
    Letter.objects.filter(recipient="gone@example.org").update(given_up_at=timezone.now())

    page = sam.get("/admin/partners/letter/?given_up_at__isempty=0").content.decode()

    assert "gone@example.org" in page
    assert "here@example.org" not in page
    for name in ("letter", "stafflook"):
        assert sam.get(f"/admin/partners/{name}/").status_code == 200
        assert sam.get(f"/admin/partners/{name}/add/").status_code == 403
