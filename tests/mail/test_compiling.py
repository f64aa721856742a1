"""What becomes of a text: one mail per person, as plain text and as HTML, with nothing smuggled."""

import time

import pytest

from candidates import wording

SITE = {
    "base_url": "https://run.example.org",
    "organisation": "Run & Co",
    "postal_address": "1 Example Street",
}
ZOE = {
    "first_name": "Zoë",
    "last_name": "O'Brien",
    "state": "NY",
    "office": "School board",
    "partner": "Neighbors Who Run",
    "share_link": "https://run.example.org/r/nwr-bio",
    "confirm_key": "CONFIRM",
    "unsubscribe_key": "UNSUBSCRIBE",
    "sharing_key": "SHARING",
}


def blank(body: str, *, subject: str = "Hello", language: str = "en") -> wording.Blank:
    return wording.compiled(subject=subject, body=body, language=language, **SITE)


def written(body: str, *, subject: str = "Hello", **differing: str) -> wording.Filled:
    return wording.filled(blank=blank(body, subject=subject), words=ZOE | differing)


P = '<p style="margin: 0 0 16px;">'
A = 'style="color: inherit; font-weight: 700;">'
UL = '<ul style="margin: 0 0 16px; padding: 0 0 0 24px;">'
LI = '<li style="margin: 0 0 8px;">'


def content(html: str) -> str:
    """Between the headline and the signature."""
    return html.partition("</h1>")[2].partition('<p style="margin: 28px 0 0;">')[0].strip()


def test_a_text_is_filled_for_one_reader() -> None:
    mail = written(
        "# Your week, {first_name|friend}\n\nYou think of {office|an office} in {state}.",
        subject="{first_name|Friend}, 100% ready?",
    )

    assert mail.subject == "Zoë, 100% ready?"
    assert mail.text.startswith(
        "Your week, Zoë\n\nYou think of School board in NY.\n\nCandidate recruitment director\n"
    )
    assert ">Your week, Zoë</h1>" in mail.html
    assert "<title>Zoë, 100% ready?</title>" in mail.html
    assert mail.unsubscribe_url == "https://run.example.org/unsubscribe/UNSUBSCRIBE/"
    assert f'href="{mail.unsubscribe_url}"' in mail.html
    assert f"\n{mail.unsubscribe_url}\n" in mail.text
    assert mail.text.endswith("\nRun & Co\n1 Example Street\n")


def test_where_a_field_is_empty_its_fallback_stands() -> None:
    body = "# Hi {first_name|friend}\n\n{first_name|You}, through {partner|us}."

    mail = written(body, first_name="", partner=" \n")

    assert mail.text.startswith("Hi friend\n\nYou, through us.\n")
    assert blank(body).slots == (
        ("unsubscribe_key", ""),
        ("sharing_key", ""),
        ("first_name", "friend"),
        ("first_name", "You"),
        ("partner", "us"),
    )


def test_links_of_one_reader_hold_their_key_and_the_language() -> None:
    body = "# a\n\n[Yes]({confirm_link})\n\n[b]({sharing_link}) [c]({home_link}) [d]({share_link})"

    mail = wording.filled(blank=blank(body, language="es"), words=ZOE)

    for address in ("es/confirm/CONFIRM/", "es/sharing/SHARING/", "es/", "r/nwr-bio"):
        assert f'href="https://run.example.org/{address}"' in content(mail.html)
        assert f"\nhttps://run.example.org/{address}\n" in mail.text
    assert '<html lang="es">' in mail.html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**a** *b*\nc", f"{P}<strong>a</strong> <em>b</em><br>\nc</p>"),
        ("{state} & 'b' < \\*c\\*", f"{P}NY &amp; &#x27;b&#x27; &lt; *c*</p>"),
        (
            'a [b](https://example.org/?a=1&b="2") c',
            P + 'a <a href="https://example.org/?a=1&amp;b=&quot;2&quot;" ' + A + "b</a> c</p>",
        ),
        (
            "- a\n- *b*",
            f"{UL}\n{LI}a</li>\n{LI}<em>b</em></li>\n</ul>",
        ),
    ],
)
def test_markdown_becomes_html(body: str, html: str) -> None:
    assert content(written(f"# a\n\n{body}").html) == html


def test_a_list_counts_on_from_its_first_number() -> None:
    html = content(written("# a\n\n3. b\n\n   c\n4. d").html)

    assert [f">{number}</div>" in html for number in range(2, 6)] == [False, True, True, False]
    assert ">b<br>\nc</td>" in html


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("**a** *b*\nc", "a b\nc"),
        ("1. **a**\n   b\n2. c", "1. a b\n\n2. c"),
        ("- a\n- b", "- a\n- b"),
        ("## Why & how", "Why & how"),
        ("[Go on](https://example.org/a)", "Go on:\nhttps://example.org/a"),
        ("[Ready?](https://example.org/a)", "Ready?\nhttps://example.org/a"),
        (
            "See [the rules](https://example.org/a) first.",
            "See the rules first.\n\nthe rules:\nhttps://example.org/a",
        ),
        (
            f"[a](https://example.org/{'x' * 90}) b",
            f"a b\n\na:\nhttps://example.org/{'x' * 90}",
        ),
        ("- " + "long " * 20, f"- {('long ' * 14).strip()}\n  {('long ' * 6).strip()}"),
    ],
)
def test_markdown_becomes_text(body: str, text: str) -> None:
    assert written(f"# a\n\n{body}").text.startswith(f"a\n\n{text}\n\nCandidate recruitment")


def test_a_link_alone_is_the_button_and_a_field_alone_an_address_to_copy() -> None:
    html = content(written("# a\n\n[Ask a *friend*]({share_link})\n\n{share_link}").html)

    assert 'class="button"' in html
    assert 'text-decoration: none;">Ask a <em>friend</em></a>' in html
    assert 'word-break: break-all;">https://run.example.org/r/nwr-bio</p>' in html


@pytest.mark.parametrize(
    ("body", "preview"),
    [
        ("preview: Two & {first_name|you}.\n# a\n\nHi.", "Two &amp; Zoë."),
        ("# a\n\nHi {first_name|friend},\n\nOne *thing* today. Two tomorrow.", "One thing today."),
        ("# a\n\nHello:\n\n## No\n\n- no\n\nAt 2.5 % we begin! Then", "At 2.5 % we begin!"),
        ("# a\n\nno end", "no end"),
        ("# a", ""),
    ],
)  # fmt: skip
def test_a_mailbox_shows_a_preview(body: str, preview: str) -> None:
    assert f'opacity: 0;">{preview}</div>' in written(body).html


@pytest.mark.parametrize(
    "name",
    [
        "[win](https://example.com)",
        "**Zoë**",
        "# Zoë",
        "<img src=x onerror=alert(1)>",
        "%(s0)s %s 100%",
        "{share_link}",
        "SLOTsharing_keySLOT",
        "\ue000",
    ],
)
def test_markup_in_a_name_stays_text(name: str) -> None:
    body, subject = "# {first_name|friend}\n\nHi **{first_name|friend}**.", "{first_name|friend}"

    mail = written(body, subject=subject, first_name=name)

    assert mail.subject == name
    assert mail.text.startswith(f"{name}\n\nHi {name}.\n")
    assert mail.html.count("<") == written(body, subject=subject).html.count("<")
    assert mail.html.count("href=") == written(body, subject=subject).html.count("href=")


def test_a_name_can_break_no_line() -> None:
    mail = written(
        "# a\n\n{first_name|friend}",
        subject="{first_name|friend}",
        first_name="Zoë\r\nBcc: x@example.org\u2028b",
    )

    assert mail.subject == "Zoë Bcc: x@example.org b"
    assert "\n\nZoë Bcc: x@example.org b\n\n" in mail.text


def test_the_frame_of_a_mail_leaves_what_staff_typed_alone() -> None:
    mail = written("# a\n\nSLOTsharing_keySLOT %(s0)s %%")

    assert "\nSLOTsharing_keySLOT %(s0)s %%\n" in mail.text


def test_a_text_that_is_refused_is_not_compiled() -> None:
    with pytest.raises(wording.Refused):
        blank("# a\n\n{nobody|x}")


def test_filling_a_blank_costs_next_to_nothing() -> None:
    letter = blank("# {first_name|friend}\n\n" + "Hi {office|you} and {partner|us}.\n\n" * 20)
    begun = time.process_time()

    for _ in range(1000):
        wording.filled(blank=letter, words=ZOE)

    assert time.process_time() - begun < 0.3  # measured: 0.02
