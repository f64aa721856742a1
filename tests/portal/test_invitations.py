"""Becoming a member: invited to an address, accepted by a button, once, within two weeks."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from partners import joining, keys
from partners.models import Invitation, Letter, Member, User

PASSWORD = "a-long-enough-secret"
NINA = {"full_name": "Nina New", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def invite(river):
    def invite(
        email: str = "nina@example.org", role=Member.Role.VIEWER, days_ago=0, partner=river
    ) -> str:
        """Invite somebody to River Valley, or elsewhere, and return the path of the link."""
        now = timezone.now() - timedelta(days=days_ago)
        invitation = joining.invite(
            partner=partner, email=email, role=role, by=None, language="en", now=now
        )
        return f"/join/{keys.make(purpose='join', name=invitation.id)}/"

    return invite


def test_a_manager_invites_and_a_letter_is_owed(as_olga, olga, river):
    typed = {"email": "Nina@Example.org", "role": "viewer"}

    page = as_olga.post("/partners/river-valley/members/invite/", typed, follow=True)

    assert "The invitation to nina@example.org is on its way." in page.content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.invited_by) == ("nina@example.org", olga)
    assert Letter.objects.get().facts == {"invitation": str(invitation.id)}


def test_inviting_twice_and_inviting_a_member_says_so(as_olga, olga, invite):
    invite("nina@example.org")

    def words(email: str) -> str:
        typed = {"email": email, "role": "viewer"}
        response = as_olga.post("/partners/river-valley/members/invite/", typed)
        assert response.status_code == 422
        return response.content.decode()

    assert "This address was invited already." in words("nina@example.org")
    assert "This person is a member already." in words("olga@example.org")
    assert "Enter an e-mail address like name@example.org." in words("nina")
    assert Letter.objects.count() == 1


def test_inviting_somebody_with_an_account_elsewhere_looks_like_any_other(as_olga, harbor):
    other = User.objects.create_user("hal@example.org", PASSWORD, full_name="Hal Harbor")
    Member.objects.create(user=other, partner=harbor)

    def answer(email: str) -> bytes:
        typed = {"email": email, "role": "viewer"}
        page = as_olga.post("/partners/river-valley/members/invite/", typed, follow=True)
        joining.withdraw(
            partner=Invitation.objects.get(email=email).partner,
            invitation_id=Invitation.objects.get(email=email).id,
            now=timezone.now(),
        )
        plain = re.sub(rb'value="\w{64}"|members/invited/[\w-]+', b"", page.content)
        return plain.replace(email.encode(), b"")

    assert answer("hal@example.org") == answer("nobody@example.org")


def test_opening_the_link_joins_nobody(client, invite):
    path = invite()

    page = client.get(path)

    assert "Join River Valley Organizers" in page.content.decode()
    assert not Member.objects.exists()
    assert not User.objects.filter(email="nina@example.org").exists()


def test_whoever_is_new_chooses_a_name_and_a_password_and_is_in(client, invite):
    response = client.post(invite(role=Member.Role.MANAGER), NINA)

    assert response["Location"] == "/partners/river-valley/"
    assert client.get("/partners/river-valley/members/").status_code == 200
    member = Member.objects.get()
    assert (member.user.email, member.user.full_name) == ("nina@example.org", "Nina New")
    assert member.role == "manager"
    assert member.user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"full_name": ""}, "Enter your name."),
        ({"password2": "another-long-one"}, "These two are not the same."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "nina@example.org", "password2": "nina@example.org"}, "too similar"),
    ],
)
def test_a_password_that_does_not_hold_is_refused_in_words(client, invite, typed, words):
    response = client.post(invite(), NINA | typed)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Member.objects.exists()


def test_the_link_works_once(client, invite):
    path = invite()
    client.post(path, NINA)

    again = Client().post(path, NINA)

    assert again.status_code == 404
    assert "no longer works" in again.content.decode()


def test_a_withdrawn_an_old_and_a_forged_link_look_the_same(client, invite):
    old, withdrawn = invite(days_ago=14), invite("other@example.org")
    Invitation.objects.filter(email="other@example.org").update(withdrawn_at=timezone.now())
    for_else = keys.make(purpose="wants_digest", name=Invitation.objects.earliest("email").id)

    def answer(path: str) -> tuple[int, bytes]:
        response = client.get(path)
        return response.status_code, response.content.replace(path.encode(), b"")

    answers = {answer(it) for it in (old, withdrawn, "/join/never-made/", f"/join/{for_else}/")}

    assert [status for status, _page in answers] == [404]


def test_an_invitation_that_ran_out_can_be_sent_again(client, invite):
    old, new = invite(days_ago=15), invite()

    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_whoever_has_an_account_logs_in_and_presses_the_button(client, invite, harbor):
    hal = User.objects.create_user("hal@example.org", PASSWORD, full_name="Hal Harbor")
    path = invite("hal@example.org")

    assert "Log in with it" in client.get(path).content.decode()
    assert client.post(path, NINA).status_code == 200
    assert not Member.objects.exists()

    client.force_login(hal)
    client.post(path)

    assert Member.objects.get().user == hal
    assert User.objects.get(pk=hal.pk).full_name == "Hal Harbor"


def test_somebody_else_who_is_logged_in_joins_nothing(as_olga, invite):
    User.objects.create_user("hal@example.org", PASSWORD, full_name="Hal Harbor")
    path = invite("hal@example.org")

    page = as_olga.post(path).content.decode()

    assert "You are logged in as olga@example.org" in page
    assert Member.objects.filter(user__email="hal@example.org").count() == 0


def test_a_switched_off_account_is_not_opened_by_an_invitation(client, invite):
    User.objects.create_user("gone@example.org", full_name="Gone", is_active=False)

    client.post(invite("gone@example.org"), NINA)

    assert not Member.objects.exists()
    assert not User.objects.get(email="gone@example.org").has_usable_password()


def accept(key: str, name: str) -> str:
    with closing(connection):
        account = joining.NewAccount(full_name=name, password=PASSWORD)
        try:
            return joining.accept_as_new(key=key, account=account, now=timezone.now()).full_name
        except (joining.NoInvitation, joining.AccountExists):
            return "too late"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_member(invite):
    key = invite().split("/")[2]

    with ThreadPoolExecutor(2) as clicks:
        names = set(clicks.map(accept, [key, key], ["First", "Second"]))

    assert "too late" in names
    assert names - {"too late"} == {User.objects.get().full_name}


@pytest.mark.django_db(transaction=True)
def test_whoever_joins_two_partners_at_once_has_one_account(invite, harbor):
    keys_of_both = [it.split("/")[2] for it in (invite(), invite(partner=harbor))]

    with ThreadPoolExecutor(2) as clicks:
        names = set(clicks.map(accept, keys_of_both, ["First", "Second"]))

    assert names - {"too late"} == {User.objects.get().full_name}
