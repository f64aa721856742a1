"""The totals, for people, for machines and for whoever watches over us."""

import json
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners import arrivals, totals
from partners.totals import Totals
from recruit.away import AWAY, honest


@arrivals.noticed
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return render(request, "partners/live.html", {"totals": totals.public(now=timezone.now())})


@require_safe
def totals_json(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The same numbers for any program on any site; a front cache may keep them for a second."""
    body = json.dumps(_as_json(totals.public(now=timezone.now())))
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = "public, max-age=1, stale-while-revalidate=10"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _as_json(now: Totals) -> dict[str, Any]:
    return {
        "drive": now.drive_slug,
        "name": now.drive_name,
        "day": now.day_on.isoformat(),
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
        "as_of": now.as_of.isoformat(),
    }


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """200 where the database answers, 503 where it does not: a sign-up needs nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except AWAY as away:
        return honest(HttpResponse("the database is away\n", content_type="text/plain"), away)
    return HttpResponse("ok\n", content_type="text/plain")
