"""Reads a message as a mailbox provider and a reader would, and says what is wrong with it."""

import re
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings

from tests.mail.contrast import faint_words

LARGEST = 150_000  # bytes on the wire, both parts encoded
LARGEST_HTML = 100_000  # Gmail cuts a message at 102 kB
LONGEST_SUBJECT = 60
LONGEST_LINE = 78
LONGEST_RAW_LINE = 998  # RFC 5322, 2.1.1
SAME_WORDS = 0.75  # of the words in the HTML, how many the text must have
LEFTOVERS = ("{{", "}}", "{%", "%}", "%(", "SLOT", "None")
ESCAPES = re.compile(r"&(#x?\w+|amp|lt|gt|quot);")
ADDRESS = re.compile(r"https?://\S+")
MESSAGE_ID = re.compile(r"<[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}@[\w.-]+>")
LABEL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
REQUIRED = {
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Auto-Submitted": "auto-generated",
    "X-No-Tracking": "yes",
}


class Page(HTMLParser):
    """What of the HTML part matters: its words, where its links lead, what it would load."""

    LOADS = ("img", "script", "link", "iframe", "video", "audio", "object", "embed", "form")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.labels: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.languages: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.open.append(tag)
        if tag == "a":
            self.links.append(known.get("href") or "")
            self.labels.append("")
        if tag == "html":
            self.languages.append(known.get("lang") or "")
        if tag in self.LOADS or "background" in known or "url(" in (known.get("style") or ""):
            self.loads.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "a" in self.open:
            self.labels[-1] += data
        if "style" not in self.open and "title" not in self.open:
            self.words += re.findall(r"\w+", data)


def complaints(message: EmailMessage) -> list[str]:
    """Return everything that is wrong; an empty list is a good letter."""
    subject, text, html = str(message["Subject"]), _part(message, "plain"), _part(message, "html")
    return [
        *_about_headers(message),
        *_about_answers(message),
        *_about_parts(message, text, html),
        *_about_sizes(message, html),
        *_about_links(message, text, html),
        *_about_words(text, html),
        *faint_words(html),
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
    wrong += [f"{name} is there" for name in ("Bcc", "Cc") if name in message]
    if len(message["To"].addresses if "To" in message else ()) != 1:
        wrong.append("it is not for one person")
    if message["MIME-Version"] != "1.0":
        wrong.append("MIME-Version is not 1.0")
    if not MESSAGE_ID.fullmatch(str(message["Message-ID"])):
        wrong.append("Message-ID is not that of a follow-up")
    if not str(message["Message-ID"]).endswith(f"@{settings.MAIL_DOMAIN}>"):
        wrong.append("Message-ID is not on our domain")
    if not str(message["List-Unsubscribe"]).startswith(f"<{settings.BASE_URL}/"):
        wrong.append("List-Unsubscribe does not lead to us")
    if not 0 < len(str(message["Subject"])) <= LONGEST_SUBJECT:
        wrong.append("the subject is too long or empty")
    if not parseaddr(str(message["From"]))[0]:
        wrong.append("the sender has no name")
    return wrong


def _about_answers(message: EmailMessage) -> list[str]:
    """They go to the sender, or to one other address."""
    found = [it for header in message.get_all("Reply-To", []) for it in header.addresses]
    is_fine = len(found) == 1 and found[0].username and "." in found[0].domain
    return [] if is_fine or "Reply-To" not in message else ["Reply-To is not one address"]


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
    if any(part.get_content_charset() != "utf-8" for part in message.iter_parts()):
        wrong.append("a part is not UTF-8")
    if any(part.get_filename() for part in message.walk()):
        wrong.append("something is attached")
    if Page(html).languages != [str(message["Content-Language"])]:
        wrong.append("the language is not said")
    return wrong


def _about_sizes(message: EmailMessage, html: str) -> list[str]:
    raw = message.as_bytes()
    wrong = []
    if len(raw) >= LARGEST:
        wrong.append("the message is too large")
    if len(html.encode()) >= LARGEST_HTML:
        wrong.append("the HTML part is too large")
    if max(len(line) for line in raw.splitlines()) > LONGEST_RAW_LINE:
        wrong.append("a line is longer than mail servers take")
    return wrong


def _about_links(message: EmailMessage, text: str, html: str) -> list[str]:
    """Links lead to us, or by https to where both parts of the letter say that they lead."""
    page, lines = Page(html), text.splitlines()
    host = urlsplit(settings.BASE_URL)[:2]
    unsubscribe = str(message["List-Unsubscribe"]).strip("<>")
    wrong = [
        f"leads away: {address}"
        for address in [*page.links, *ADDRESS.findall(text)]
        if urlsplit(address)[:2] != host and not _is_named(address, page, lines)
    ]
    wrong += [f"the text part lacks {link}" for link in page.links if link not in lines]
    wrong += [f"loads a <{tag}>" for tag in page.loads]
    for link, label in zip(page.links, page.labels, strict=True):
        if not label.strip():
            wrong.append(f"no words lead to {link}")
        if LABEL.fullmatch(label.strip()) and label.strip() != link:
            wrong.append(f"says {label.strip()} and leads to {link}")
    if unsubscribe not in page.links:
        wrong.append("no unsubscribe link in the HTML part")
    if unsubscribe not in lines:
        wrong.append("no unsubscribe link in the text part")
    return wrong


def _is_named(address: str, page: Page, lines: list[str]) -> bool:
    return address.startswith("https://") and address in page.links and address in lines


def _about_words(text: str, html: str) -> list[str]:
    """Filters distrust a text part that says something else than the HTML beside it."""
    said = set(re.findall(r"\w+", text))
    words = Page(html).words
    share = sum(word in said for word in words) / max(1, len(words))
    return [] if share >= SAME_WORDS else ["the parts don't say the same"]
