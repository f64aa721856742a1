"""Words a partner can paste into its next e-mail, post or text message, with its own address."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext, override, pgettext


@dataclass(frozen=True, slots=True)
class ReadyText:
    """One text, in the language of those who will read it."""

    id: str
    title: str
    language: str
    text: str

    @property
    def rows(self) -> int:
        """Return how many lines show all of it, on a desk."""
        return 4 + self.text.count("\n")


def write(*, address: str, partner_name: str) -> Iterator[ReadyText]:
    """Titles are in the language of the page; each text comes in English and in Spanish."""
    titles = {"email": gettext("E-mail"), "instagram": "Instagram", "sms": gettext("Text message")}
    for name, title in titles.items():
        for language in ("en", "es"):
            with override(language):
                words = _words(name) % {"address": address, "partner": partner_name}
            yield ReadyText(f"{name}-{language}", title, language, words)


def _words(name: str) -> str:
    if name == "email":
        return pgettext(
            "ready to paste",
            "Subject: You'd be good at this\n\n"
            "Have you ever thought of running for office? School boards, city councils and "
            "libraries need people who know the place they live in. People like you.\n\n"
            "Raising your hand takes three minutes and commits you to nothing:\n"
            "%(address)s\n\n"
            "You'll hear from a real person, and you decide what comes next.\n\n"
            "%(partner)s",
        )
    if name == "instagram":
        return pgettext(
            "ready to paste",
            "You'd be good at this. School board, city council, library: your town needs people "
            "like you.\n\n"
            "Raise your hand to run for office. It takes three minutes, and the link is in our "
            "bio: %(address)s",
        )
    # Letters of the GSM alphabet alone, in both languages: any other makes two messages of one.
    return pgettext(
        "ready to paste",
        "You'd be good in local office. Raise your hand, it takes 3 minutes: %(address)s",
    )
