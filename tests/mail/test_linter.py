"""The linter finds each fault: every letter here is broken in one way."""

from collections.abc import Callable

import pytest

from candidates.letters import Letter
from tests import mails
from tests.mail import linter
from tests.sink import Sink

Break = Callable[[Letter], None]


def without(header: str) -> Break:
    return lambda letter: letter.extra_headers.pop(header)


def with_header(name: str, value: str) -> Break:
    return lambda letter: letter.extra_headers.update({name: value})


def with_subject(subject: str) -> Break:
    return lambda letter: setattr(letter, "subject", subject)


def in_text(old: str, new: str) -> Break:
    return lambda letter: setattr(letter, "body", letter.body.replace(old, new))


def in_html(old: str, new: str) -> Break:
    def replace(letter: Letter) -> None:
        [(html, kind)] = letter.alternatives
        letter.alternatives.clear()
        letter.attach_alternative(html.replace(old, new), kind)

    return replace


AWAY = "https://example.com/"
END = "</body>"
BROKEN_TWINS: dict[str, Break] = {
    "List-Unsubscribe occurs 0 times": without("List-Unsubscribe"),
    "List-Unsubscribe-Post is not List-Unsubscribe=One-Click": without("List-Unsubscribe-Post"),
    "List-Unsubscribe does not lead to us": with_header("List-Unsubscribe", f"<{AWAY}>"),
    "Message-ID is not on our domain": with_header("Message-ID", "<1@localhost>"),
    "Auto-Submitted is not auto-generated": without("Auto-Submitted"),
    "X-No-Tracking is not yes": without("X-No-Tracking"),
    "Reply-To is not one address": lambda letter: letter.reply_to.extend(
        ["x@example.org", "y@example.org"]
    ),
    "Cc is there": lambda letter: letter.cc.append("x@example.org"),
    "the sender has no name": lambda letter: setattr(letter, "from_email", "hello@example.org"),
    "the subject is too long or empty": with_subject("x" * 61),
    "not multipart/alternative": lambda letter: letter.alternatives.clear(),
    "no unsubscribe link in the text part": in_text("/unsubscribe/", "/u/"),
    "no unsubscribe link in the HTML part": in_html("/unsubscribe/", "/u/"),
    "no postal address in the text part": in_text("Example Street", ""),
    "no postal address in the HTML part": in_html("Example Street", ""),
    "the text part is HTML": in_text("'", "&#x27;"),
    "the text part is not wrapped": in_text("Hi ", "Hi " + "long " * 20),
    "the HTML part is too large": in_html(END, "x" * 900 + ("\n" + "x" * 900) * 110 + END),
    "the language is not said": in_html('lang="en"', ""),
    f"leads away: {AWAY}": in_html(END, f'<a href="{AWAY}">x</a>{END}'),
    f"no words lead to {AWAY}": in_html(END, f'<a href="{AWAY}"> </a>{END}'),
    f"says http://127.0.0.1 and leads to {AWAY}": in_html(
        END, f'<a href="{AWAY}">http://127.0.0.1</a>{END}'
    ),
    "the text part lacks http://127.0.0.1:8000/x": in_html(
        END, f'<a href="http://127.0.0.1:8000/x">x</a>{END}'
    ),
    "the parts don't say the same": in_html(END, "<p>" + "Win a prize today! " * 99 + f"</p>{END}"),
    "'Hi Zoë,' is too faint in light": in_html("Hi Zoë,", '<i style="color: #dddddd">Hi Zoë,</i>'),
    "'Hi Zoë,' is too faint in dark": in_html(".ink { color: #f3eee2", ".ink { color: #404c5c"),
    "a part is not UTF-8": lambda letter: setattr(letter, "encoding", "iso-8859-1"),
    "something is attached": lambda letter: letter.attach("a.txt", "a", "text/plain"),
    "the message is too large": in_text("Hi Zoë,", "Hi Zoë,\n" + ("ñ" * 70 + "\n") * 1200),
    "it is not for one person": lambda letter: letter.to.append("x@example.org"),
    "Message-ID is not that of a follow-up": with_header("Message-ID", "<1@127.0.0.1>"),
    "loads a <img>": in_html(END, f'<img src="{AWAY}open.gif">{END}'),
    "'None' left over": in_text("Hi Zoë", "Hi None"),
    "'{{' left over": in_html(END, "{{ name }}</body>"),
}


def test_a_link_away_is_fine_where_both_parts_name_it(zoe, owed, sink: Sink) -> None:
    letter = mails.written(owed(zoe))
    in_html(END, f'<a href="{AWAY}">Look</a>{END}')(letter)
    in_text("--\n", f"Look:\n{AWAY}\n--\n")(letter)

    letter.send()

    assert linter.complaints(sink.messages[0]) == []


@pytest.mark.parametrize("complaint", BROKEN_TWINS)
def test_a_broken_twin_is_caught(complaint: str, zoe, owed, sink: Sink) -> None:
    letter = mails.written(owed(zoe))
    BROKEN_TWINS[complaint](letter)

    letter.send()

    assert complaint in linter.complaints(sink.messages[0])


def test_answers_may_be_led_to_one_address(zoe, owed, sink: Sink) -> None:
    letter = mails.written(owed(zoe))
    letter.reply_to = ["hello@example.org"]

    letter.send()

    assert linter.complaints(sink.messages[-1]) == []
