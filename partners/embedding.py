"""Which sites of a partner may show our form and our count in a frame of theirs."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from partners.links import Link
from partners.models import Partner
from recruit.memory import Kept

KEPT_SECONDS = 2.0
PREVIEW = "preview"
MOST_ORIGINS = 20
LONGEST_HOST = 253
HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63})*\.[a-z][a-z0-9-]{0,62}"
)
# Python's codec is of 2003 and makes fass.example of faß.example, which somebody else may own.
READ_OTHERWISE = set("ßς\u200c\u200d")
# For whoever tries it on their own machine; never in production.
NEARBY = ("localhost", "127.0.0.1")

# Embedded pages cost no query: every partner's sites, read again after KEPT_SECONDS.
_kept: Kept[dict[int, tuple[str, ...]]] = Kept(seconds=KEPT_SECONDS)
forget = _kept.forget


class UnusableOrigin(ValueError):
    """This line names no site that could be allowed. `line` is what was typed."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def origin(line: str) -> str:
    """Return the origin that a line names, as browsers write it: https://host[:port].

    An address copied out of the browser is cut to its origin. Raises UnusableOrigin for anything
    that is no single site over https: the result goes into a header as it is.
    """
    try:
        parts = urlsplit(line.strip())
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise UnusableOrigin(line) from None
    if port == 0 or "@" in parts.netloc or not _is_site(parts.scheme, host):
        raise UnusableOrigin(line)
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def _ascii(host: str) -> str:
    """Return a host as browsers send it: `böcker.example` is `xn--bcker-jua.example` to them.

    Raises ValueError for what would be another host to Python than it is to them, and for what is
    too long for one: a Referer of some thousand characters would cost more than its page.
    """
    if len(host) > LONGEST_HOST or READ_OTHERWISE & set(host):
        raise ValueError(host)
    return host if host.isascii() else host.encode("idna").decode()


def _is_site(scheme: str, host: str) -> bool:
    if host in NEARBY and not settings.IS_PRODUCTION:
        return scheme in ("http", "https")
    return scheme == "https" and bool(HOST.fullmatch(host))


def origins(text: str) -> list[str]:
    """Return the origins of a text with one on each line, each once. Raises UnusableOrigin."""
    lines = (line for line in text.splitlines() if line.strip())
    return list(dict.fromkeys(origin(line) for line in lines))


def allow(*, partner: Partner, origins: Iterable[str]) -> None:
    """Let exactly these sites embed the pages of this partner's links, from the next request."""
    partner.embed_origins = "\n".join(origins)
    partner.save(update_fields=["embed_origins"])
    forget()


def allowed(*, partner_id: int) -> tuple[str, ...]:
    """Return the sites that may frame this partner's pages: usually without a query."""
    return _kept.get(_read_all).get(partner_id, ())


def _read_all() -> dict[int, tuple[str, ...]]:
    partners = Partner.objects.exclude(embed_origins="")
    rows = partners.values_list("id", "embed_origins")
    return {partner_id: tuple(_usable(text)) for partner_id, text in rows}


def _usable(text: str) -> Iterator[str]:
    """Staff can write into the column too: a line that names no site allows none."""
    for line in text.splitlines():
        with contextlib.suppress(UnusableOrigin):
            yield origin(line)


def framers(request: HttpRequest, link: Link | None) -> tuple[str, ...]:
    """Return the sites that may frame this answer: of a preview in the portal, ours alone."""
    if PREVIEW in request.GET:
        return (f"{request.scheme}://{request.get_host()}",)
    return allowed(partner_id=link.partner_id) if link else ()


def stranger(request: HttpRequest, link: Link | None) -> str:
    """Return the site that asks for this page in a frame and may not have it; none: "".

    What a browser says of itself: a site that hides where it asks from gets the page, which the
    browser then refuses to show there.
    """
    if request.META.get("HTTP_SEC_FETCH_DEST") != "iframe":
        return ""
    try:
        site = origin(request.META.get("HTTP_REFERER", ""))
    except UnusableOrigin:
        return ""
    is_ours = site == f"{request.scheme}://{request.get_host()}"
    return "" if is_ours or site in framers(request, link) else site
