"""Tells a person's click from a crawler, a link preview or a prefetch."""

from collections.abc import Mapping
from functools import lru_cache

import crawleruseragents
from django.utils.translation import gettext_lazy as _

PREFETCH_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ", "HTTP_X_PURPOSE")
PREFETCH_WORDS = ("prefetch", "prerender", "preview")
# A user agent is kept in memory for its next visit: the longest known crawler fits.
MOST_CHARACTERS = 512
NOT_A_PAGE = {"image", "iframe", "frame", "embed", "object", "script", "style", "empty"}
# As VisitTally's neighbour BotTally keeps them: at most 16 characters.
REASONS = {
    "crawler": _("crawlers and link previews"),
    "prefetch": _("loaded ahead by a browser, not opened"),
    "destination": _("loaded as an image, a frame or a script"),
    "method": _("only asked whether the address works"),
    "no user agent": _("programs that don't say what they are"),
}


def why_not_human(*, method: str, meta: Mapping[str, str]) -> str:
    """Return the reason why a request is no visit of a person; empty where it is one."""
    if method != "GET":
        return "method"
    for name in PREFETCH_HEADERS:
        if name in meta and any(word in meta[name].lower() for word in PREFETCH_WORDS):
            return "prefetch"
    if meta.get("HTTP_SEC_FETCH_DEST", "document") in NOT_A_PAGE:
        return "destination"
    return _why_not_browser(meta.get("HTTP_USER_AGENT", "").strip()[:MOST_CHARACTERS])


@lru_cache(maxsize=4096)
def _why_not_browser(user_agent: str) -> str:
    """The kept list of crawlers is long: 0.2 ms for a new user agent, nothing for a known one."""
    if not user_agent:
        return "no user agent"
    return "crawler" if crawleruseragents.is_crawler(user_agent) else ""
