"""What members do with their webhooks, and what nobody else sees or does."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners import hooks
from partners.models import Delivery, Endpoint, Member, Partner, User
from tests.hooks.conftest import sweep

PAGE = "/partners/teachers/webhooks/"
GIVEN = {
    "address": "https://hooks.example.org/rfs?key=very-secret-path",
    "dialect": "signed",
    "kinds": ["lead.created", "milestone.reached"],
}


@pytest.fixture
def olu(client: Client, organiser) -> Client:
    client.force_login(organiser)
    return client


def do(client: Client, endpoint: Endpoint, deed: str, **more: object):
    return client.post(f"{PAGE}{endpoint.pk}/", {"do": deed, **more})


def test_a_manager_adds_one_and_sees_its_secret_once(olu, drive):
    page = olu.post(f"{PAGE}new/", GIVEN)

    endpoint = Endpoint.objects.get()
    secret = hooks.secret(endpoint=endpoint)
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert endpoint.kinds == ["lead.created", "milestone.reached"]
    for address in (PAGE, f"{PAGE}{endpoint.pk}/"):
        later = olu.get(address).content.decode()
        assert secret not in later
        assert "very-secret-path"[:-4] not in later
        assert "hooks.example.org …path" in later


def test_a_chat_has_no_secret_and_is_told_of_milestones(olu, drive):
    page = olu.post(f"{PAGE}new/", GIVEN | {"dialect": "chat", "kinds": ["lead.created"]})

    assert "whsec_" not in page.content.decode()
    assert Endpoint.objects.get().kinds == ["milestone.reached"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "http://example.org/"}, "begins with https://"),
        ({"address": "https://169.254.169.254/"}, "begins with https://"),
        ({"address": ""}, "begins with https://"),
        ({"kinds": []}, "at least one kind"),
        ({"kinds": ["ping"]}, "ping is not one"),
        ({"dialect": "xml"}, "xml is not one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(olu, drive, changed, words):
    page = olu.post(f"{PAGE}new/", GIVEN | changed)

    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Endpoint.objects.exists()


def test_there_is_an_end_to_how_many_one_partner_has(olu, drive, make, partner):
    for _it in range(10):
        make(partner)

    assert olu.post(f"{PAGE}new/", GIVEN).status_code == 422
    assert Endpoint.objects.count() == 10


def test_a_test_is_sent_and_stands_in_the_log(olu, receiver, endpoint):
    do(olu, endpoint, "ping")
    sweep()

    page = olu.get(f"{PAGE}{endpoint.pk}/").content.decode()

    assert [it.said["type"] for it in receiver.heard] == ["ping"]
    assert "taken (200)" in page
    assert receiver.heard[0].said["id"] in page


def test_off_on_renewed_and_deleted(olu, receiver, endpoint):
    old = hooks.secret(endpoint=endpoint)
    do(olu, endpoint, "off")
    do(olu, endpoint, "ping")
    assert sweep() == 0
    do(olu, endpoint, "on")
    assert sweep() == 1

    page = do(olu, endpoint, "renew").content.decode()
    endpoint.refresh_from_db()
    assert hooks.secret(endpoint=endpoint) in page
    assert old not in page

    assert do(olu, endpoint, "delete").status_code == 302
    assert not Endpoint.objects.exists()


def test_one_is_sent_again_and_many_are(olu, receiver, endpoint):
    ping = hooks.ping(endpoint=endpoint, now=timezone.now())
    sweep()
    do(olu, endpoint, "again", delivery=ping.pk)
    sweep()
    do(olu, endpoint, "again-since", since="24")
    sweep()

    assert [it.said["id"] for it in receiver.heard] == [str(ping.pk)] * 3


@pytest.mark.parametrize(
    "more",
    [{"do": "again", "delivery": "x"}, {"do": "again-since", "since": "-1"}, {"do": "nothing"}, {}],
)
def test_what_no_button_sends_is_refused(olu, endpoint, more):
    assert olu.post(f"{PAGE}{endpoint.pk}/", more).status_code == 400


def test_a_viewer_reads_and_changes_nothing(client, endpoint, partner):
    vera = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=vera, partner=partner)
    client.force_login(vera)
    page = client.get(f"{PAGE}{endpoint.pk}/").content.decode()

    assert "Send a test" not in page
    for deed in ("ping", "off", "on", "renew", "delete", "again", "again-since"):
        assert do(client, endpoint, deed).status_code == 403
    assert client.get(f"{PAGE}new/").status_code == 403
    assert client.post(f"{PAGE}new/", GIVEN).status_code == 403
    assert Endpoint.objects.live().count() == 1
    assert not Delivery.objects.exists()


def test_another_partners_and_none_look_the_same(olu, make, endpoint):
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    theirs, staffs = make(nurses), make()
    nowhere = olu.get(f"{PAGE}{uuid4()}/")

    for foreign in (theirs, staffs):
        got = olu.get(f"{PAGE}{foreign.pk}/")
        assert got.status_code == nowhere.status_code == 404
        assert do(olu, foreign, "delete").status_code == 404
        assert olu.get(f"/partners/nurses/webhooks/{foreign.pk}/").status_code == 404
    assert olu.get("/partners/nurses/webhooks/").status_code == 404
    assert Endpoint.objects.count() == 3


def test_a_delivery_of_another_partner_is_not_sent_again(olu, receiver, make, endpoint):
    other = hooks.ping(endpoint=make(), now=timezone.now())
    sweep()

    do(olu, endpoint, "again", delivery=other.pk)

    assert sweep() == 0


def test_one_and_ten_cost_the_same_queries(olu, make, partner):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            olu.get(address)
        return len(caught)

    first = make(partner)
    olu.get(PAGE)
    hooks.ping(endpoint=first, now=timezone.now())
    alone = queries(PAGE), queries(f"{PAGE}{first.pk}/")
    for _it in range(9):
        hooks.ping(endpoint=make(partner), now=timezone.now())
        hooks.ping(endpoint=first, now=timezone.now())

    assert (queries(PAGE), queries(f"{PAGE}{first.pk}/")) == alone


@pytest.fixture
def desk(staffer) -> Client:
    client = Client()
    client.force_login(staffer)
    return client


def act(client: Client, endpoint: Endpoint, action: str):
    return client.post(
        "/admin/partners/endpoint/", {"action": action, "_selected_action": [str(endpoint.pk)]}
    )


def test_staff_add_one_of_theirs_and_see_the_secret_once(desk, drive):
    page = desk.post("/admin/partners/endpoint/add/", GIVEN)

    endpoint = Endpoint.objects.get()
    secret = hooks.secret(endpoint=endpoint)
    assert endpoint.partner is None
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    for address in ("", f"{endpoint.pk}/change/"):
        later = desk.get(f"/admin/partners/endpoint/{address}")
        assert later.status_code == 200
        assert secret not in later.content.decode()
        assert "very-secret" not in later.content.decode()


def test_staff_renew_the_secret_of_theirs_and_never_see_a_partners(desk, make, partner):
    ours, theirs = make(), make(partner)

    assert "whsec_" in act(desk, ours, "renew_secret").content.decode()
    assert act(desk, theirs, "renew_secret").status_code == 302
    theirs.refresh_from_db()
    assert theirs.rotated_at is None


def test_who_may_not_see_people_lets_nothing_name_them(make, drive):
    robin = User.objects.create_user("robin@example.org", full_name="Robin", is_staff=True)
    permit = Permission.objects.filter(
        codename__in=["view_endpoint", "change_endpoint", "name_people"]
    )
    robin.user_permissions.add(*permit)
    client = Client()
    client.force_login(robin)
    endpoint = make()

    act(client, endpoint, "name_people")
    endpoint.refresh_from_db()
    assert endpoint.names_people_at is None

    robin.user_permissions.add(Permission.objects.get(codename="view_candidate"))
    act(client, endpoint, "name_people")
    endpoint.refresh_from_db()
    assert endpoint.names_people_at
    act(client, endpoint, "name_nobody")
    endpoint.refresh_from_db()
    assert endpoint.names_people_at is None


def test_the_log_of_all_is_read_and_sent_again_from_the_desk(desk, receiver, make, partner):
    endpoint = make(partner)
    ping = hooks.ping(endpoint=endpoint, now=timezone.now())
    sweep()
    log = "/admin/partners/delivery/"
    assert desk.get(f"{log}?endpoint__id__exact={endpoint.pk}").status_code == 200

    desk.post(log, {"action": "send_again", "_selected_action": [str(ping.pk)]})

    assert sweep() == 1


def test_staff_switch_off_what_does_harm(desk, endpoint):
    act(desk, endpoint, "switch_off")
    endpoint.refresh_from_db()

    assert endpoint.off_because == "by_hand"
    assert desk.get(f"/admin/partners/endpoint/{endpoint.pk}/history/").status_code == 200
