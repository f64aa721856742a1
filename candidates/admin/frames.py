"""Mails on a page of the desk, in frames that can do nothing, and without an address of their own.

What is only looked at is stored nowhere, so there is nothing a frame could ask for: its document
stands in the page (`srcdoc`), obeys the page's policy, and its stylesheet is let in by its hash.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse

from candidates import outbox
from recruit import headers

WIDTHS = (640, 360)
# Nobody follows a link out of a mail that was sent to nobody.
NO_LINKS = "a { pointer-events: none; }"
STYLES = "style-src 'self'"


@dataclass(frozen=True, slots=True)
class View:
    """One mail as one reader would see it."""

    reader: str
    subject: str
    text: str
    document: str
    source: str
    widths: tuple[int, ...] = WIDTHS


def view(reader: str, letter: EmailMultiAlternatives) -> View:
    html, styles = outbox.without_inline_styles(str(letter.alternatives[0][0]))
    document, source = enclose(html, f"{styles}\n{NO_LINKS}")
    return View(reader, str(letter.subject), str(letter.body), document, source)


def enclose(html: str, styles: str) -> tuple[str, str]:
    """Return the document with its stylesheet in it, and the source that lets a policy take it."""
    digest = b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    return html.replace("</head>", f"<style>{styles}</style></head>", 1), f"'sha256-{digest}'"


def let(response: HttpResponse, views: Iterable[View]) -> HttpResponse:
    """Let the page show these mails' styles, and no others."""
    sources = " ".join(sorted({it.source for it in views}))
    if sources:
        policy = headers.CONTENT_SECURITY_POLICY.replace(STYLES, f"{STYLES} {sources}")
        response.headers["Content-Security-Policy"] = policy
    return response
