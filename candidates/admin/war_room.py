"""The war room: one page that a colleague looks at all day long."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import war_room
from candidates.war_room import WarRoom, troubles
from partners import charts
from partners.charts import Bar
from partners.plans import Hour

REFRESH_SECONDS = 10


class WarRoomMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.war_room_view)
        return [path("war-room/", view, name="candidates_war_room"), *super().get_urls()]

    def war_room_view(self, request: HttpRequest) -> HttpResponse:
        """Numbers, and nobody's name. A header of HTTP reloads it; ?still holds it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        room, is_still = war_room.look(now=timezone.now()), "still" in request.GET
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("War room"),
            "room": room,
            "troubles": troubles.find(room),
            "is_still": is_still,
            "refresh_seconds": REFRESH_SECONDS,
            **_figures(room),
        }
        response = TemplateResponse(request, "admin/candidates/war_room.html", context)
        if not is_still:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response


def _figures(room: WarRoom) -> dict[str, Any]:
    """What the page shows of the day: by now, a minute, and each hour beside its plan."""
    count, planned, before = room.day.by_now(room.as_of)
    planned_minute, before_minute = room.day.per_minute(room.as_of)
    counts = [it.count for it in room.day.hours]
    top = max((max(it.count, it.planned or 0, it.before or 0) for it in room.day.hours), default=0)
    bars = charts.bars(counts, top=top)
    marks = [_marks(hour, bar, top) for hour, bar in zip(room.day.hours, bars, strict=True)]
    return {
        "by_now": {"count": count, "planned": planned, "before": before},
        "per_minute": {"planned": planned_minute, "before": before_minute},
        "bars": list(zip(room.day.hours, bars, marks, strict=True)),
    }


def _marks(hour: Hour, bar: Bar, top: float) -> dict[str, int]:
    """Return how far from above the plan, the last drive and the words over all three stand."""
    planned, before = (charts.level(it or 0, top=top) for it in (hour.planned, hour.before))
    return {"planned": planned, "before": before, "words": min(planned, before, bar.y)}
