"""The linter finds each fault: every letter here is broken in one way."""

from collections.abc import Callable

import pytest

from candidates.letters import Letter, write
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
    "Reply-To is there": lambda letter: letter.reply_to.append("x@example.org"),
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
    "loads a <img>": in_html(END, f'<img src="{AWAY}open.gif">{END}'),
    "'None' left over": in_text("Hi Zoë", "Hi None"),
    "'{{' left over": in_html(END, "{{ name }}</body>"),
}


@pytest.mark.parametrize("complaint", BROKEN_TWINS)
def test_a_broken_twin_is_caught(complaint: str, zoe, owed, sink: Sink) -> None:
    letter = write(followup=owed(zoe))
    BROKEN_TWINS[complaint](letter)

    letter.send()

    assert complaint in linter.complaints(sink.messages[0])
