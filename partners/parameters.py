"""The names under which an address tells who sent somebody, and from where. First match wins."""

from collections.abc import Iterable, Mapping

REFERRERS = ("p", "partner", "subscriber", "referrer", "via", "ref", "r", "recruiter-id")
SUB_SOURCES = (
    "source",
    "ms",
    "tracking",
    "utm-source",
    "utm-medium",
    "utm-campaign",
    "utm-term",
    "utm-content",
)
MATOMO = "mtm-"


def referrer(query: Mapping[str, str]) -> str:
    """Return the code of the partner's link, as it was written; empty where none is named."""
    return _first(REFERRERS, _by_name(query))


def sub_source(query: Mapping[str, str]) -> str:
    """Return where on the partner's side the link was, as it was written."""
    given = _by_name(query)
    return _first((*SUB_SOURCES, *(name for name in given if name.startswith(MATOMO))), given)


def _by_name(query: Mapping[str, str]) -> dict[str, str]:
    """Names are compared as codes are: case folded, `_` and `-` equal."""
    return {name.casefold().replace("_", "-"): it for name, it in query.items() if it.strip()}


def _first(names: Iterable[str], given: Mapping[str, str]) -> str:
    return next((given[name] for name in names if name in given), "")
