"""A manager makes a link in ten seconds, and changes it without anybody being lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from partners import linking, links, ready_texts
from partners.link_forms import CodeForm
from partners.models import (
    BotTally,
    LinkCode,
    Member,
    ReferralLink,
    Tally,
    User,
    VisitLoss,
    VisitTally,
)
from partners.models.links import canonical_code

pytestmark = pytest.mark.usefixtures("drive")

LINKS = "/partners/river-valley/links/"
SAID = {"label": "October newsletter", "channel": "email", "destination": "form"}


@pytest.fixture
def as_vera(client: Client, river) -> Client:
    """A viewer at River Valley Organizers."""
    vera = User.objects.create_user("vera@example.org", full_name="Vera Viewer")
    Member.objects.create(user=vera, partner=river, role=Member.Role.VIEWER)
    client.force_login(vera)
    return client


def made(client: Client, **said: str) -> ReferralLink:
    before = set(ReferralLink.objects.values_list("pk", flat=True))
    response = client.post(f"{LINKS}new/", SAID | said)
    assert response.status_code == 302, response.content.decode()
    return ReferralLink.objects.exclude(pk__in=before).get()


def test_a_label_and_a_place_are_enough(as_olga, river):
    link = made(as_olga)

    page = as_olga.get(f"{LINKS}{link.code}/").content.decode()
    assert (link.partner, link.label, link.channel) == (river, "October newsletter", "email")
    assert f'value="http://127.0.0.1:8000/r/{link.code}"' in page
    assert f"{LINKS}{link.code}/qr.svg" in page
    assert f"{LINKS}{link.code}/qr.png" in page


def test_a_new_link_works_at_its_makers_first_click(as_olga, link):
    assert links.resolve(raw="my-own") is None

    made(as_olga, code="My_Own", destination="live")

    assert as_olga.get("/r/my-own")["Location"] == "/live/"


def test_a_place_that_is_not_in_the_list_has_its_own_words(as_olga):
    link = made(as_olga, channel="other", channel_name="Podcast")

    assert link.channel_shown == "Podcast"
    assert made(as_olga, channel="email", channel_name="Podcast").channel_shown == "E-mail"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"label": ""}, "Enter a label"),
        ({"label": "x" * 81}, "at most 80 characters"),
        ({"channel": ""}, "Choose where you will share it."),
        ({"channel": "pigeon"}, "not one of the available choices"),
        ({"channel": "other"}, "Say in a few words where"),
        ({"destination": "https://evil.example/"}, "not one of the available choices"),
        ({"code": "ab"}, "Use 3 to 40 letters, digits and hyphens"),
        ({"code": "x" * 41}, "Use 3 to 40 letters, digits and hyphens"),
        ({"code": "niños"}, "Use only the letters a to z"),
        ({"code": "a/b/c"}, "Use only the letters a to z"),
        ({"code": "-fall-"}, "Use only the letters a to z"),
        ({"code": "New"}, "a word of this portal"),
        ({"code": "RIVER_mail"}, "This code is taken, or once was"),
    ],
)
def test_what_cannot_be_made_is_said_beside_its_field(as_olga, link, said, told):
    response = as_olga.post(f"{LINKS}new/", SAID | {"label": "Kept as typed"} | said)

    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert "label" in said or 'value="Kept as typed"' in page
    assert ReferralLink.objects.count() == 1


def test_an_old_code_and_a_strangers_code_are_taken_alike(as_olga, link, harbor_link):
    ReferralLink.objects.filter(pk=link.pk).update(code="river-news")
    pages = [
        as_olga.post(f"{LINKS}new/", SAID | {"code": code}).content.decode()
        for code in ("river-mail", "harbor-bio")
    ]

    without = [
        re.sub(r"(river-mail|harbor-bio|csrfmiddlewaretoken\S* value=\S+)", "", it) for it in pages
    ]
    assert "This code is taken, or once was" in pages[0]
    assert without[0] == without[1]


def test_after_a_rename_both_codes_lead_to_the_link(as_olga, link):
    response = as_olga.post(f"{LINKS}river-mail/", {"do": "rename", "code": "River"})

    assert response["Location"] == f"{LINKS}river/"
    assert {links.resolve(raw=it).id for it in ("river-mail", "RIVER")} == {link.id}
    assert as_olga.get(f"{LINKS}river-mail/")["Location"] == f"{LINKS}river/"
    assert "river-mail" in as_olga.get(f"{LINKS}river/").content.decode()


def test_a_rename_to_a_code_that_is_taken_changes_nothing(as_olga, link, harbor_link):
    response = as_olga.post(f"{LINKS}river-mail/", {"do": "rename", "code": "harbor-bio"})

    assert response.status_code == 422
    assert "This code is taken, or once was" in response.content.decode()
    assert links.resolve(raw="harbor-bio").id == harbor_link.id


def test_a_link_takes_an_old_code_of_its_own_back(as_olga, link):
    for code in ("river-news", "river-mail"):
        as_olga.post(f"{LINKS}river-mail/", {"do": "rename", "code": code})

    assert links.resolve(raw="river-news").code == "river-mail"


def test_label_place_and_destination_can_be_changed(as_olga, link):
    as_olga.post(f"{LINKS}river-mail/", SAID | {"do": "save", "destination": "form_es"})

    link.refresh_from_db()
    assert (link.label, link.destination) == ("October newsletter", "form_es")
    assert as_olga.get("/r/river-mail")["Location"] == "/es/"


def test_what_cannot_be_saved_is_said_and_not_saved(as_olga, link):
    response = as_olga.post(f"{LINKS}river-mail/", SAID | {"do": "save", "label": ""})

    assert response.status_code == 422
    assert "Enter a label" in response.content.decode()
    link.refresh_from_db()
    assert link.label == "E-mail 2"


def test_switched_off_it_keeps_its_history_and_loses_nobody(as_olga, link):
    VisitTally.objects.create(link=link, hour_at=timezone.now(), unique=7)
    ReferralLink.objects.update(destination="live")
    as_olga.post(f"{LINKS}river-mail/", {"do": "off"})
    off_at = ReferralLink.objects.get().switched_off_at
    as_olga.post(f"{LINKS}river-mail/", {"do": "off"})

    page = as_olga.get(f"{LINKS}river-mail/").content.decode()
    assert ReferralLink.objects.get().switched_off_at == off_at
    assert (">7<" in page, "Switch it on again" in page) == (True, True)
    assert as_olga.get("/r/river-mail")["Location"] == "/"

    as_olga.post(f"{LINKS}river-mail/", {"do": "on"})
    assert as_olga.get("/r/river-mail")["Location"] == "/live/"


def test_nothing_else_can_be_done_to_a_link(as_olga, link):
    assert as_olga.post(f"{LINKS}river-mail/", {"do": "delete"}).status_code == 400
    assert as_olga.post(f"{LINKS}river-mail/").status_code == 400


@pytest.mark.parametrize("do", ["save", "rename", "off", "on"])
def test_a_viewer_reads_and_changes_nothing(as_vera, link, do):
    before = ReferralLink.objects.values().get()

    changed = as_vera.post(f"{LINKS}river-mail/", SAID | {"do": do, "code": "veras"})
    pages = (
        as_vera.get(LINKS).content.decode() + as_vera.get(f"{LINKS}river-mail/").content.decode()
    )

    assert changed.status_code == as_vera.get(f"{LINKS}new/").status_code == 403
    assert as_vera.post(f"{LINKS}new/", SAID).status_code == 403
    assert 'name="do"' not in pages
    assert "Make a link" not in pages
    assert ReferralLink.objects.values().get() == before


def test_staff_look_and_change_nothing(client, staff, link):
    client.force_login(staff)

    assert client.get(f"{LINKS}river-mail/").status_code == 200
    assert client.post(f"{LINKS}river-mail/", {"do": "off"}).status_code == 403


@pytest.mark.parametrize("path", ["links/", "links/new/", "links/harbor-bio/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_links_and_none_look_the_same(as_olga, harbor_link, path, method):
    foreign, nowhere = (
        getattr(as_olga, method)(f"/partners/{slug}/{path}") for slug in ("harbor-city", "nowhere")
    )
    if method == "get" or path != "links/":
        assert foreign.status_code == 404
    assert foreign.status_code == nowhere.status_code
    assert foreign.content.replace(b"harbor-city", b"nowhere") == nowhere.content


def test_anothers_code_under_our_own_name_is_none(as_olga, harbor_link):
    foreign, nothing = (as_olga.get(f"{LINKS}{code}/") for code in ("harbor-bio", "nothing"))

    assert foreign.status_code == nothing.status_code == 404
    assert foreign.content.replace(b"harbor-bio", b"nothing") == nothing.content


def test_the_list_shows_what_each_link_brought(as_olga, link, drive):
    hour_at = timezone.now().replace(minute=0, second=0, microsecond=0)
    VisitTally.objects.create(link=link, hour_at=hour_at, raw=5000, unique=1234)
    Tally.objects.create(
        drive=drive, partner=link.partner, link=link, kind="signed_up", hour_at=hour_at, value=321
    )

    page = as_olga.get(LINKS).content.decode()

    assert ("1,234" in page, ">321<" in page) == (True, True)
    assert "/r/river-mail" in page


def test_a_hundred_links_cost_no_more_queries_than_one(
    as_olga, link, river, django_assert_max_num_queries
):
    as_olga.get(LINKS)
    for number in range(100):
        ReferralLink.objects.create(partner=river, code=f"river-{number}", label="x")

    with django_assert_max_num_queries(9):
        as_olga.get(LINKS)


def test_why_visits_were_no_persons_is_shown(as_olga, link):
    VisitTally.objects.create(link=link, hour_at=timezone.now(), raw=9, bots=4, unique=5)
    BotTally.objects.create(link=link, hour_at=timezone.now(), reason="crawler", value=4)

    page = as_olga.get(f"{LINKS}river-mail/").content.decode()

    assert "4 times it was no person" in page
    assert "crawlers and link previews" in page


def test_visits_that_could_not_be_counted_are_told(as_olga, link):
    now = timezone.now()
    for hour_at, value in ((now, 12), (now - timedelta(days=2), 500)):
        VisitLoss.objects.create(hour_at=hour_at, value=value)

    for page in (LINKS, f"{LINKS}river-mail/"):
        told = " ".join(as_olga.get(page).content.decode().split())
        assert "About 12 visits to partners&#x27; links could not" in told or (
            "About 12 visits to partners' links could not be counted today." in told
        )


def test_without_links_there_is_a_first_step(as_olga):
    assert "You have no link yet." in as_olga.get(LINKS).content.decode()


def test_a_made_up_code_can_be_read_aloud_and_spells_nothing():
    codes = {linking.made_up_code() for _ in range(2000)}

    assert all(re.fullmatch(r"([fhkmqrwxy][26789]){3}[fhkmqrwxy]", code) for code in codes)
    assert len(codes) > 1900
    assert all(canonical_code(code.upper()) == code for code in codes)


def test_a_made_up_code_that_is_taken_gives_way_to_the_next(river, link, harbor_link, monkeypatch):
    ReferralLink.objects.filter(pk=link.pk).update(code="now-other")
    codes = iter(["river-mail", "harbor-bio", "now-other", "k2m7x8w"])
    monkeypatch.setattr(linking, "made_up_code", lambda: next(codes))

    made = linking.make(partner=river, facts=linking.Facts("New", "email"), now=timezone.now())

    assert made.code == "k2m7x8w"
    assert LinkCode.objects.filter(code="k2m7x8w", link=made).exists()


@given(typed=st.text(max_size=50))
def test_whatever_code_is_taken_from_a_form_the_database_takes_as_it_is(typed):
    form = CodeForm({"code": typed})
    if form.is_valid():
        code = form.cleaned_data["code"]
        assert code == canonical_code(code)
        assert re.fullmatch(r"[a-z0-9-]{3,40}", code)
        assert code != "new"
    else:
        assert form.errors["code"]


GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_texts_come_in_both_languages_with_the_address(language):
    address = "https://raiseyourhand.example.org/r/" + "x" * 40
    with translation.override(language):
        texts = list(ready_texts.write(address=address, partner_name="River & Valley %s"))

    assert {it.id for it in texts} == {
        f"{kind}-{of}" for kind in ("email", "instagram", "sms") for of in ("en", "es")
    }
    assert all(it.text.count(address) == 1 for it in texts)
    messages = [it.text for it in texts if it.id.startswith("sms")]
    assert all(len(text) <= 160 and set(text) <= GSM for text in messages)


@pytest.mark.parametrize("rest", ["", "qr.svg", "qr.png"])
def test_a_code_that_no_link_can_have_answers_as_one_that_none_has(as_olga, link, rest):
    answers = [as_olga.get(f"{LINKS}{code}/{rest}") for code in ("a%00b", "a%0Ab", "nowhere")]

    assert {(it.status_code, it.content) for it in answers} == {(404, answers[0].content)}
