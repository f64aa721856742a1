"""Merge fields: what a text may say of its reader, and where its links may lead."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Field:
    """What a field means. One that may be empty needs a fallback: {first_name|friend}."""

    means: "StrPromise"
    may_be_empty: bool = False
    is_link: bool = False


FIELDS: Final = {
    "first_name": Field(
        _("The first name. Empty where somebody typed an address instead of a name."),
        may_be_empty=True,
    ),
    "last_name": Field(_("The last name. Empty as the first name may be."), may_be_empty=True),
    "state": Field(_("The two letters of the state or territory, from the ZIP code.")),
    "office": Field(
        _("The kind of office they think of, in their language. Empty while they aren't sure."),
        may_be_empty=True,
    ),
    "partner": Field(
        _("The partner through whom they signed up. Empty where there is none."), may_be_empty=True
    ),
    "organisation": Field(_("Our own name.")),
    "confirm_link": Field(_("The page where they confirm their address."), is_link=True),
    "share_link": Field(
        _("The link they pass on to friends; it credits the partner who brought them."),
        is_link=True,
    ),
    "sharing_link": Field(_("The page where they stop sharing with a partner."), is_link=True),
    "home_link": Field(_("Our home page."), is_link=True),
}
LINKS: Final = {name for name, field in FIELDS.items() if field.is_link}


@dataclass(frozen=True)
class Mention:
    """One field as a text uses it."""

    field: str
    fallback: str = ""


class Mentions:
    """While a text is read, each mention of a field is one character, which nobody can type.

    So Markdown sees a letter and can't take a field, or what will stand there, for markup.
    """

    FIRST: Final = 0xE000
    LAST: Final = 0xF8FF  # the private use area of Unicode
    UNKNOWN: Final = chr(LAST)

    def __init__(self) -> None:
        self.known: dict[Mention, str] = {}

    def character(self, mention: Mention) -> str:
        return self.known.setdefault(mention, chr(self.FIRST + len(self.known)))

    def links(self) -> set[str]:
        return {at for mention, at in self.known.items() if mention.field in LINKS}
