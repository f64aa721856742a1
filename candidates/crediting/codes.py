"""Codes that came with sign-ups and that no link has: what they are, and what was meant."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db.models import Count, Max, Min, Q

from candidates.models import Touch
from partners.models import LinkCode, ReferralLink
from partners.models.links import canonical_code

# Of the codes that share most pairs of letters with one, so many are compared letter by letter.
COMPARED = 25
ALIKE = 0.6
SUGGESTED = 3
MOST_SPELLINGS = 5_000


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """One code, however it was typed; `touch_id` is one arrival with it, to name it by."""

    code: str
    touch_id: int
    sign_ups: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link with a code that looks like it: 1 is the same, ALIKE the least that is suggested."""

    link: ReferralLink
    code: str
    likeness: float


def unknown() -> list[UnknownCode]:
    """Return the codes nobody knows, those of most sign-ups first. Reads a partial index."""
    spellings = (
        Touch.objects.filter(link=None)
        .exclude(raw_code="")
        .values_list("raw_code")
        .annotate(
            newest=Max("id"),
            sign_ups=Count("candidate", distinct=True),
            first_at=Min("at"),
            last_at=Max("at"),
        )
        .order_by("-newest")[:MOST_SPELLINGS]
    )
    grouped: dict[str, list[UnknownCode]] = defaultdict(list)
    for raw, *facts in spellings:
        code = canonical_code(raw)
        grouped[code].append(UnknownCode(code, *facts))
    found = [_merged(code, spelled) for code, spelled in grouped.items()]
    return sorted(found, key=lambda it: (-it.sign_ups, it.code))


def _merged(code: str, spelled: Sequence[UnknownCode]) -> UnknownCode:
    return UnknownCode(
        code,
        max(it.touch_id for it in spelled),
        sum(it.sign_ups for it in spelled),
        min(it.first_at for it in spelled),
        max(it.last_at for it in spelled),
    )


def code_of(*, touch_id: int) -> str | None:
    """Return the code of an arrival that is still unknown: addresses carry no typed text."""
    raw = Touch.objects.filter(pk=touch_id, link=None).values_list("raw_code", flat=True).first()
    return canonical_code(raw) if raw is not None else None


def suggest(*, codes: Sequence[str]) -> dict[str, list[Suggestion]]:
    """Return for each code the links that may have been meant, the likeliest first."""
    known = dict(LinkCode.objects.values_list("code", "link_id"))
    index: dict[str, list[str]] = defaultdict(list)
    for code in known:
        for pair in _pairs(code):
            index[pair].append(code)
    alike = {code: _alike(code, index) for code in codes}
    ids = {known[name] for found in alike.values() for name, _ in found}
    links = ReferralLink.objects.select_related("partner").in_bulk(ids)
    return {
        code: [Suggestion(links[known[name]], name, likeness) for name, likeness in found]
        for code, found in alike.items()
    }


def _alike(code: str, index: dict[str, list[str]]) -> list[tuple[str, float]]:
    shared = Counter(other for pair in _pairs(code) for other in index.get(pair, ()))
    compared = [
        (other, SequenceMatcher(None, code, other, autojunk=False).ratio())
        for other, _ in shared.most_common(COMPARED)
    ]
    likely = [(other, ratio) for other, ratio in compared if ratio >= ALIKE]
    return sorted(likely, key=lambda it: (-it[1], it[0]))[:SUGGESTED]


def _pairs(code: str) -> set[str]:
    whole = f"^{code}$"
    return {whole[place : place + 2] for place in range(len(whole) - 1)}


def find_links(*, term: str, most: int = 20) -> list[ReferralLink]:
    """Return links whose code, label or partner has this in its name."""
    words = term.replace("\0", "").strip()
    if not words:
        return []
    named = (
        Q(label__icontains=words)
        | Q(partner__name__icontains=words)
        | Q(codes__code__contains=canonical_code(words))
    )
    rows = ReferralLink.objects.filter(named).select_related("partner").distinct()
    return list(rows.order_by("partner__name", "label", "id")[:most])
