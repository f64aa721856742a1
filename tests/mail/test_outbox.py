"""The demo's outbox: every delivery lands once, as a whole, and can be looked at."""

import re
import stat
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from candidates import letters, outbox
from candidates.models import FollowUp
from tests import mails


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "candidates.outbox.EmailBackend"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    return settings.OUTBOX_DIR


@pytest.fixture
def letter(zoe, owed) -> letters.Letter:
    return mails.written(owed(zoe))


def test_a_letter_lands_under_its_own_name(letter, folder: Path) -> None:
    assert letter.send() == 1

    [file] = folder.iterdir()
    assert file.name == f"{FollowUp.objects.get().id}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_delivery_is_seen(letter, folder: Path) -> None:
    letter.send()
    letter.send()

    name = FollowUp.objects.get().id
    assert {file.name for file in folder.iterdir()} == {f"{name}.eml", f"{name}.2.eml"}
    assert [delivery.number for delivery in outbox.newest(limit=9)] == [2, 1]


def test_deliveries_at_the_same_moment_never_hide_each_other(letter, folder: Path) -> None:
    content = letter.message().as_bytes()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: outbox.deliver(content=content), range(40)))

    assert sorted(delivery.number for delivery in outbox.newest(limit=99)) == list(range(1, 41))


def test_what_was_delivered_can_be_read(letter) -> None:
    letter.send()

    delivery = outbox.read(message_id=FollowUp.objects.get().id)

    assert delivery.to == "Zoë O'Brien <zoe@example.org>"
    assert delivery.subject == letter.subject
    assert "\nHi Zoë,\n" in delivery.text
    assert "</html>" in delivery.html


def test_mail_that_is_no_letter_lands_too() -> None:
    EmailMessage("2,000 today", "We did it.", "a@example.org", ["staff@example.org"]).send()

    [delivery] = outbox.newest(limit=9)
    assert (delivery.subject, delivery.number) == ("2,000 today", 1)
    assert outbox.read(message_id=delivery.id).html == ""


def test_the_newest_come_first_and_no_more_than_asked(folder: Path) -> None:
    for number in range(5):
        EmailMessage(f"mail {number}", "", "a@example.org", ["b@example.org"]).send()

    assert [it.subject for it in outbox.newest(limit=2)] == ["mail 4", "mail 3"]
    assert outbox.count() == 5


def test_an_unknown_message_is_not_in_the_outbox() -> None:
    with pytest.raises(outbox.NotInOutbox):
        outbox.read(message_id=uuid.uuid4())


@pytest.mark.parametrize(
    ("mail", "html", "styles"),
    [
        (
            '<p style="margin: 0; color: red" class="x">a &amp; &#233;</p>',
            '<p class="x" data-style="1">a &amp; &#233;</p>',
            '[data-style="1"] { margin: 0; color: red }',
        ),
        ("<style>p { color: red }</style><p>a</p>", "<p>a</p>", "p { color: red }"),
        (
            "<style>p > b { top: 0 }</style><br style='x: &quot;y&quot;'><b style='z: 1'>c</b>",
            '<br data-style="1"><b data-style="2">c</b>',
            'p > b { top: 0 }\n[data-style="1"] { x: "y" }\n[data-style="2"] { z: 1 }',
        ),
        (
            '<a href="/?a=1&amp;b=&quot;" hidden style="">d</a>',
            '<a href="/?a=1&amp;b=&quot;" hidden data-style="1">d</a>',
            '[data-style="1"] {  }',
        ),
        ("<!doctype html><!--[if x]><b><!-->E", "<!doctype html><!--[if x]><b><!-->E", ""),
    ],
)  # fmt: skip
def test_styles_move_to_a_stylesheet_and_nothing_else_changes(
    mail: str, html: str, styles: str
) -> None:
    assert outbox.without_inline_styles(mail) == (html, styles)


@pytest.mark.parametrize("place", mails.SHIPPED)
def test_no_letter_keeps_an_inline_style(place: tuple[str, int], zoe, owed) -> None:
    [(html, _kind)] = mails.written(owed(zoe, place)).alternatives

    shown, styles = outbox.without_inline_styles(html)

    assert not re.search(r"<style|\sstyle=", shown)
    assert styles.count("[data-style=") == html.count('style="')
    assert "prefers-color-scheme: dark" in styles
    assert re.sub(r"<[^>]*>", "", shown).split() == _words_outside_styles(html)


def _words_outside_styles(html: str) -> list[str]:
    return re.sub(r"<[^>]*>", "", re.sub(r"<style>.*?</style>", "", html, flags=re.S)).split()


@pytest.fixture
def pages(settings, client: Client) -> Client:
    settings.ROOT_URLCONF = "tests.mail.demo_urls"
    return client


def test_an_empty_outbox_says_what_to_do(pages: Client) -> None:
    response = pages.get("/outbox/")

    assert response.status_code == 200
    assert "Nothing here yet." in response.text
    assert response.headers["Refresh"] == "5"


def test_the_list_shows_letters_and_stands_still_on_request(letter, pages: Client) -> None:
    letter.send()
    letter.send()

    response = pages.get("/outbox/?paused")

    assert "Zoë O&#x27;Brien &lt;zoe@example.org&gt;" in response.text
    assert "delivery 2 of the same message" in response.text
    assert "Refresh" not in response.headers


def test_a_message_is_shown_in_a_frame_that_can_do_nothing_but_open_links(
    letter, pages: Client
) -> None:
    letter.send()
    address = f"/outbox/{FollowUp.objects.get().id}/1/"

    page, frame, styles = (pages.get(address + name) for name in ("", "mail.html", "mail.css"))

    assert f'src="{address}mail.html"' in page.text
    assert "Hi Zoë," in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = frame.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "sandbox allow-top-navigation-by-user-activation allow-popups" in policy
    assert "unsafe" not in policy
    assert '<base target="_top">' in frame.text
    assert f'href="{address}mail.css"' in frame.text
    assert (styles.headers["Content-Type"], "max-width: 600px" in styles.text) == (
        "text/css; charset=utf-8",
        True,
    )


@pytest.mark.parametrize(
    "address",
    [
        f"/outbox/{uuid.UUID(int=0)}/1/",
        f"/outbox/{uuid.UUID(int=0)}/1/mail.html",
        f"/outbox/{uuid.UUID(int=0)}/1/mail.css",
        "/outbox/../../etc/passwd/1/",
        "/outbox/%2e%2e%2fsettings/1/",
        f"/outbox/{uuid.UUID(int=0)}/-1/",
    ],
)
def test_nothing_outside_the_outbox_can_be_named(address: str, pages: Client) -> None:
    assert pages.get(address).status_code == 404
