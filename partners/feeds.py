"""totals.json as it goes over the wire: written once for each reading, not for each request."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from partners.totals import Totals
from recruit.memory import Made

MOST_DRIVES = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """The bytes, and a weak ETag of the numbers: when they were read is no part of it.

    So processes that read the same numbers a moment apart give the same ETag.
    """

    body: bytes
    etag: str


_written: Made[Totals, Feed] = Made(most=MOST_DRIVES)


def of(*, totals: Totals) -> Feed:
    """Return what is told of these totals; one reading is written once in a process."""
    return _written.get(totals.drive_slug, totals, lambda: _write(totals))


def _write(totals: Totals) -> Feed:
    told = _as_json(totals)
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]
    told["as_of"] = totals.as_of.isoformat()
    return Feed(json.dumps(told).encode(), f'W/"{digest}"')


def _as_json(now: Totals) -> dict[str, Any]:
    return {
        **({"rehearsal": True} if settings.IS_REHEARSAL else {}),
        "drive": now.drive_slug,
        "name": now.drive_name,
        "day": now.day_on.isoformat(),
        "last_day": now.last_day_on and now.last_day_on.isoformat(),
        "time_zone": now.zone.key,
        "phase": now.phase,
        "today": {"count": now.today, "goal": now.day_goal},
        "cumulative": {
            "count": now.cumulative,
            "goal": now.cumulative_goal,
            "baseline": now.baseline,
        },
        "milestones": [
            {
                "scope": it.scope,
                "target": it.target,
                "reached_at": it.reached_at and it.reached_at.isoformat(),
            }
            for it in now.milestones
        ],
        "minutes": [[minute.isoformat(), count] for minute, count in now.minutes],
        "partners": [[name, count] for name, count in now.partners],
        "latest": now.latest and {"partner": now.latest.partner, "at": now.latest.at.isoformat()},
        "states": [
            {"state": it.state, "today": it.today, "in_all": it.in_all} for it in now.states
        ],
    }
