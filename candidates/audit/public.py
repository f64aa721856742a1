"""What everybody is shown: the page, the numbers for programs, and the sums behind them."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from candidates.audit.check import Check, count, none, rows
from candidates.replay.browser import Browser, Line
from candidates.replay.history import History

BY_PARTNER = """
SELECT partner_id, sum(value) FROM partners_tally
WHERE drive_id = %s AND kind = 'signed_up' GROUP BY partner_id
"""
LEDGER = "SELECT sum(amount) FROM partners_credit WHERE drive_id = %s AND counts_as = 'signed_up'"
VISITS = """
SELECT COALESCE(sum(raw), 0), COALESCE(sum(bots), 0), COALESCE(sum("unique"), 0)
FROM partners_visittally
"""
FIGURE = re.compile(rb'data-figure="(day|cumulative)">([\d.,\xc2\xa0]+)<')
CACHE_SECONDS = 2.5
# The browser's visits are advisory: what a killed process had in memory is lost, and never doubled.
MOST_LOST = 0.02


def of_the_drive(*, drive_id: int, baseline: int, base_url: str, people: int) -> Iterator[Check]:
    time.sleep(CACHE_SECONDS)
    sums = rows(BY_PARTNER, [drive_id])
    of_partners = int(sum(value for partner, value in sums if partner))
    organic = int(sum(value for partner, value in sums if not partner))
    yield Check("credits of this drive", people, count(LEDGER, [drive_id]))
    name = f"{of_partners:,} through partners and {organic:,} organic make"
    yield Check(name, people, of_partners + organic)
    line = Line(base_url=base_url)
    said = json.loads(Browser(line, "audit").get("/totals.json").body)
    yield Check("totals.json: today", people, said["today"]["count"])
    yield Check("totals.json: in all", baseline + people, said["cumulative"]["count"])
    for path in ("/", "/es/"):
        shown = _figures(Browser(line, "audit").get(path).body)
        yield Check(f"the page {path}: today", people, shown.get("day"))
        yield Check(f"the page {path}: in all", baseline + people, shown.get("cumulative"))
    line.close()


def _figures(page: bytes) -> dict[str, int]:
    return {
        name.decode(): int(re.sub(rb"\D", b"", digits)) for name, digits in FIGURE.findall(page)
    }


def visits() -> tuple[int, ...]:
    """Return how many arrivals there were, by whom: all, machines, people."""
    row: tuple[Any, ...] = rows(VISITS)[0]
    return tuple(int(number) for number in row)


def of_visits(*, history: History, before: tuple[int, ...]) -> Iterator[Check]:
    raw, bots, people = (now - then for now, then in zip(visits(), before, strict=True))
    told = history.visits["raw"] + history.visits["bots"]
    within = told * (1 - MOST_LOST) <= raw <= told
    yield Check("visits through links (advisory)", told, raw, within=within)
    most = history.visits["bots"]
    yield Check("of these, machines", most, bots, within=most * (1 - MOST_LOST) <= bots <= most)
    arrived = len(history.visitors)
    yield none("machines counted as people", max(0, people - arrived))
