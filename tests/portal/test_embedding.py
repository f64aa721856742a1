"""A manager says on which sites the form may stand, and gets the line to paste there."""

import time

import pytest

from partners import embedding
from partners.models import Member, ReferralLink, User

PAGE = "/partners/river-valley/embed/"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://example.org", "https://example.org"),
        ("  HTTPS://WWW.Example.ORG/  ", "https://www.example.org"),
        ("https://example.org/join?x=1#form", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://böcker.example", "https://xn--bcker-jua.example"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
    ],
)
def test_an_address_is_kept_as_browsers_write_its_origin(typed: str, kept: str) -> None:
    assert embedding.origin(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "*",
            "https://*",
            "https://*.example.org",
            "'self'",
            "'none'",
            "https:",
            "data:",
            "//x.y",
        ),
        *("example.org", "www.example.org", "http://example.org", "ftp://example.org", "https://"),
        *("https://localhost.", "https://com", "https://-a.example", "https://a..example"),
        *(
            "https://example.org; script-src *",
            "https://a.example b.example",
            "https://a.example,b",
        ),
        *("https://me@example.org", "https://me:secret@example.org", "https://example.org:0x1"),
        *(
            "https://example.org:99999",
            "https://[::1]",
            "https://10.0.0.1;",
            "https://exa_mple.org",
        ),
        *(
            "https://example.org\\@evil.example",
            "javascript:alert(1)//a.b",
            "https://a.b\0c.example",
        ),
        *("https://" + "a" * 64 + ".example", "https://" + "a." * 130 + "example", "null"),
        "https://example.org:0",
        *("https://fa\u00df.example", "https://\u03c2.example", "https://a\u200db.example"),
    ],
)
def test_what_is_no_single_site_over_https_is_refused(typed: str) -> None:
    with pytest.raises(embedding.UnusableOrigin):
        embedding.origin(typed)


def test_a_name_too_long_for_a_site_costs_nothing() -> None:
    """A browser tells us the name of the site around a frame; anything else may tell us more."""
    began = time.thread_time()

    with pytest.raises(embedding.UnusableOrigin):
        embedding.origin("https://" + 100_000 * "ä.")

    assert time.thread_time() - began < 0.1


@pytest.mark.parametrize("typed", ["http://localhost:8001", "https://127.0.0.1"])
def test_nobody_embeds_from_their_own_machine_in_production(settings, typed: str) -> None:
    settings.IS_PRODUCTION = True

    with pytest.raises(embedding.UnusableOrigin):
        embedding.origin(typed)


def test_a_manager_allows_sites(as_olga, river, link) -> None:
    answer = as_olga.post(
        PAGE,
        {"origins": "https://River.example/join\r\n\r\nhttps://river.example\nhttps://b.example"},
    )

    river.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert river.embed_origins == "https://river.example\nhttps://b.example"
    assert "https://b.example" in as_olga.get(PAGE).content.decode()
    assert "b.example" in as_olga.get("/embed/river-mail/")["Content-Security-Policy"]


def test_a_line_that_names_no_site_is_shown_with_what_to_write(as_olga, river) -> None:
    answer = as_olga.post(PAGE, {"origins": "https://river.example\n*.river.example"})

    page = answer.content.decode()
    river.refresh_from_db()
    assert (answer.status_code, river.embed_origins) == (422, "")
    assert "“*.river.example” is not the address of one site." in page
    assert "https://river.example\n*.river.example</textarea>" in page


def as_staff_write(client, river, origins: str):
    client.force_login(User.objects.create_superuser("sam@example.org", full_name="Sam Staff"))
    typed = {"name": river.name, "slug": river.slug, "embed_origins": origins}
    for rows in ("links", "members"):
        typed |= {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0"}
    return client.post(f"/admin/partners/partner/{river.pk}/change/", typed)


def test_staff_write_sites_by_the_same_rule(client, river) -> None:
    answer = as_staff_write(
        client, river, "https://River.example/join\r\nhttps://river.example:443"
    )

    river.refresh_from_db()
    assert (answer.status_code, river.embed_origins) == (302, "https://river.example")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("https://river.example\n*.river.example", "“*.river.example” is not the address of one"),
        ("\n".join(f"https://{n}.river.example" for n in range(21)), "At most 20 sites."),
    ],
)
def test_staff_are_told_which_line_is_no_site_and_nothing_is_saved(
    client, river, typed: str, words: str
) -> None:
    answer = as_staff_write(client, river, typed)

    river.refresh_from_db()
    assert (answer.status_code, river.embed_origins) == (200, "")
    assert words in answer.content.decode()


def test_twenty_sites_are_enough(as_olga, river) -> None:
    many = "\n".join(f"https://{number}.river.example" for number in range(21))

    assert as_olga.post(PAGE, {"origins": many}).status_code == 422


def test_all_sites_can_be_taken_back(as_olga, river, link) -> None:
    embedding.allow(partner=river, origins=["https://river.example"])
    as_olga.post(PAGE, {"origins": ""})

    assert "frame-ancestors 'none'" in as_olga.get("/embed/river-mail/")["Content-Security-Policy"]


def test_viewers_and_staff_read_and_change_nothing(client, river, link, staff) -> None:
    vera = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=vera, partner=river)
    embedding.allow(partner=river, origins=["https://river.example"])

    for user in (vera, staff):
        client.force_login(user)
        page = client.get(PAGE).content.decode()
        assert "https://river.example" in page
        assert 'name="origins"' not in page
        assert client.post(PAGE, {"origins": ""}).status_code == 403

    river.refresh_from_db()
    assert river.embed_origins == "https://river.example"


def test_a_foreign_partner_and_none_look_the_same(as_olga, harbor) -> None:
    for ask in (as_olga.get, as_olga.post):
        foreign, nowhere = ask("/partners/harbor-city/embed/"), ask("/partners/nowhere/embed/")
        assert foreign.status_code == nowhere.status_code == 404
        assert foreign.content.replace(b"harbor-city", b"nowhere") == nowhere.content


def test_the_line_names_the_link_that_was_chosen(as_olga, river, link, settings) -> None:
    settings.BASE_URL = "https://run.example"
    ReferralLink.objects.create(partner=river, code="river-web", label='<b>Our "site"</b>')

    page = as_olga.get(PAGE + "?link=river-web&show=thermometer&lang=es").content.decode()

    line = (
        '<script src="https://run.example/embed.js" data-link="river-web"'
        ' data-show="thermometer" data-lang="es" async></script>'
    )
    shown = line.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert shown in page
    assert "https://run.example/es/embed/river-web/thermometer/" in page
    assert "<b>" not in page


def test_a_foreign_link_can_not_be_chosen(as_olga, link, harbor_link) -> None:
    page = as_olga.get(PAGE + "?link=harbor-bio").content.decode()

    assert "harbor-bio" not in page
    assert 'data-link="river-mail"' in page


def test_without_a_link_it_says_what_to_do_first(as_olga, river) -> None:
    assert "Make one first" in as_olga.get(PAGE).content.decode()
