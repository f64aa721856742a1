"""The second step of staff: before the desk, demanded or not, and turned off by a superuser."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners.models import Letter, User
from tests import authenticator

REASON = {"reason": "Called on the number in the staff list."}


def reset_page(user: User) -> str:
    return f"/admin/partners/user/{user.pk}/second-step/"


def test_the_desk_opens_after_the_second_step(client: Client, sam: User):
    authenticator.turn_on(sam)
    words = {"username": "sam@example.org", "password": "long-enough-words"}

    asked = client.post("/admin/login/?next=/admin/partners/user/", words)
    assert asked["Location"] == "/log-in/code/"
    assert client.get("/admin/").status_code == 302
    answer = client.post("/log-in/code/", {"code": authenticator.digits(sam)})

    assert answer["Location"] == "/admin/partners/user/"
    assert client.get("/admin/").status_code == 200


def test_without_a_second_step_the_password_opens_the_desk(client: Client, sam: User):
    words = {"username": "sam@example.org", "password": "long-enough-words"}

    assert client.post("/admin/login/", words)["Location"] == "/admin/"
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_a_member_who_comes_to_the_desk_is_asked_for_another_account(client: Client, db: None):
    client.force_login(User.objects.create_user("olga@example.org"))

    page = client.get("/admin/", follow=True)

    assert page.redirect_chain[-1][0].startswith("/admin/login/")
    assert "You are authenticated as olga@example.org" in page.text


def test_the_header_leads_to_the_account(desk_of, sam: User):
    assert '<a href="/account/">Your account</a>' in desk_of(sam).get("/admin/").text


def test_where_it_is_demanded_staff_are_led_to_set_it_up(desk_of, sam: User, settings):
    settings.REQUIRE_STAFF_TOTP = True
    desk = desk_of(sam)

    page = desk.get("/admin/partners/user/", follow=True)
    assert page.redirect_chain[-1][0] == "/account/second-step/"
    assert "asks everybody for it who works at the desk" in page.text
    assert desk.post("/admin/partners/drive/add/", {"name": "x"}).status_code == 302
    desk.post("/account/second-step/", {"do": "begin"})
    shown = desk.post("/account/second-step/", {"do": "confirm", "code": authenticator.digits(sam)})

    assert '<a class="btn btn-primary" href="/admin/">' in shown.text
    assert desk.get("/admin/partners/user/").status_code == 200


def test_a_superuser_turns_it_off_for_who_lost_the_app(desk_of, sam: User, robin: User):
    authenticator.turn_on(robin)
    theirs, desk = desk_of(robin), desk_of(sam)
    assert reset_page(robin) in desk.get(f"/admin/partners/user/{robin.pk}/change/").text

    assert desk.get(reset_page(robin)).status_code == 200
    desk.post(reset_page(robin), {"reason": ""})
    assert TOTPDevice.objects.count() == 1
    answer = desk.post(reset_page(robin), REASON)

    robin.refresh_from_db()
    assert answer.status_code == 302
    assert (robin.second_step_at, TOTPDevice.objects.count()) == (None, 0)
    assert theirs.get("/account/").status_code == 302
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (sam, str(robin.pk))
    assert entry.get_change_message() == f"Second step turned off: {REASON['reason']}"
    assert Letter.objects.get(facts__deed="reset").recipient == robin.email
    assert desk.get(reset_page(robin)).status_code == 404


def test_nobody_but_a_superuser_does_and_nobody_for_themselves(desk_of, sam: User, robin: User):
    authenticator.turn_on(sam)
    robin.user_permissions.set(Permission.objects.filter(content_type__model="user"))

    colleague = desk_of(robin)
    assert colleague.post(reset_page(sam), REASON).status_code == 403
    own = desk_of(sam)
    assert own.post(reset_page(sam), REASON).status_code == 403
    assert reset_page(sam) not in own.get(f"/admin/partners/user/{sam.pk}/change/").text
    assert reset_page(sam) not in colleague.get(f"/admin/partners/user/{sam.pk}/change/").text
    assert TOTPDevice.objects.count() == 1


def test_the_letter_is_in_the_language_the_person_reads(sam: User, robin: User, desk_of):
    authenticator.turn_on(robin)
    Letter.objects.update(language="es")

    desk_of(sam).post(reset_page(robin), REASON)

    assert Letter.objects.get(facts__deed="reset").language == "es"


def test_no_page_of_the_desk_shows_a_secret(desk_of, sam: User, robin: User):
    codes = authenticator.turn_on(robin)
    device = TOTPDevice.objects.get()
    desk = desk_of(sam)
    paths = ["change/", "delete/", "history/", "second-step/"]

    told = "".join(desk.get(f"/admin/partners/user/{robin.pk}/{path}").text for path in paths)

    assert device.key not in told
    assert not [it for it in codes if it in told or it.replace(" ", "") in told]
    assert not [model for model in admin.site._registry if "otp" in model._meta.app_label]
