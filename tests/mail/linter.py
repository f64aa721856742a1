"""Reads a message as a mailbox provider and a reader would, and says what is wrong with it."""

import re
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings

LARGEST_HTML = 100_000  # Gmail cuts a message at 102 kB
LONGEST_SUBJECT = 60
LONGEST_LINE = 78
LEFTOVERS = ("{{", "}}", "{%", "%}", "%(", "SLOT", "None")
ESCAPES = re.compile(r"&(#x?\w+|amp|lt|gt|quot);")
ADDRESS = re.compile(r"https?://\S+")
REQUIRED = {
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Auto-Submitted": "auto-generated",
    "X-No-Tracking": "yes",
}


class Page(HTMLParser):
    """What of the HTML part matters: addresses it leads to, things it would load."""

    LOADS = ("img", "script", "link", "iframe", "video", "audio", "object", "embed", "form")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.languages: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "a":
            self.links.append(known.get("href") or "")
        if tag == "html":
            self.languages.append(known.get("lang") or "")
        if tag in self.LOADS or "background" in known or "url(" in (known.get("style") or ""):
            self.loads.append(tag)


def complaints(message: EmailMessage) -> list[str]:
    """Return everything that is wrong; an empty list is a good letter."""
    subject, text, html = str(message["Subject"]), _part(message, "plain"), _part(message, "html")
    return [
        *_about_headers(message),
        *_about_parts(message, text, html),
        *_about_links(message, text, html),
        *(
            f"no postal address in the {kind} part"
            for kind, part in (("text", text), ("HTML", html))
            if settings.POSTAL_ADDRESS not in part
        ),
        *(f"{word!r} left over" for word in LEFTOVERS if word in f"{subject}{text}{html}"),
    ]


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _about_headers(message: EmailMessage) -> list[str]:
    wrong = [f"{name} is not {value}" for name, value in REQUIRED.items() if message[name] != value]
    wrong += [
        f"{name} occurs {len(message.get_all(name, []))} times"
        for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")
        if len(message.get_all(name, [])) != 1
    ]
    wrong += [f"{name} is there" for name in ("Bcc", "Cc", "Reply-To") if name in message]
    if not str(message["Message-ID"]).endswith(f"@{settings.MAIL_DOMAIN}>"):
        wrong.append("Message-ID is not on our domain")
    if not str(message["List-Unsubscribe"]).startswith(f"<{settings.BASE_URL}/"):
        wrong.append("List-Unsubscribe does not lead to us")
    if not 0 < len(str(message["Subject"])) <= LONGEST_SUBJECT:
        wrong.append("the subject is too long or empty")
    if not parseaddr(str(message["From"]))[0]:
        wrong.append("the sender has no name")
    return wrong


def _about_parts(message: EmailMessage, text: str, html: str) -> list[str]:
    wrong = []
    if message.get_content_type() != "multipart/alternative":
        wrong.append("not multipart/alternative")
    if [part.get_content_type() for part in message.iter_parts()] != ["text/plain", "text/html"]:
        wrong.append("the parts are not text, then HTML")
    if ESCAPES.search(text) or "<" in text:
        wrong.append("the text part is HTML")
    if any(len(line) > LONGEST_LINE and not ADDRESS.fullmatch(line) for line in text.splitlines()):
        wrong.append("the text part is not wrapped")
    if len(html.encode()) >= LARGEST_HTML:
        wrong.append("the HTML part is too large")
    if Page(html).languages != [str(message["Content-Language"])]:
        wrong.append("the language is not said")
    return wrong


def _about_links(message: EmailMessage, text: str, html: str) -> list[str]:
    page = Page(html)
    host = urlsplit(settings.BASE_URL)[:2]
    unsubscribe = str(message["List-Unsubscribe"]).strip("<>")
    wrong = [
        f"leads away: {address}"
        for address in [*page.links, *ADDRESS.findall(text)]
        if urlsplit(address)[:2] != host
    ]
    wrong += [f"loads a <{tag}>" for tag in page.loads]
    if unsubscribe not in page.links:
        wrong.append("no unsubscribe link in the HTML part")
    if unsubscribe not in text.splitlines():
        wrong.append("no unsubscribe link in the text part")
    return wrong
