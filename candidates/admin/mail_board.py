"""The mail board: what is wrong first, then each hour; and staff pause and resume a lane."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates import mail_board, pauses
from candidates.admin.forms import ReasonForm
from candidates.mail_board import LaneStanding
from candidates.models import Lane, MailPause
from partners import charts
from partners.models import User

REFRESH_SECONDS = 15
# What somebody waits for is paused by the software alone; a colleague pauses what can wait.
PAUSED_BY_HAND = (Lane.BULK,)
DEEDS = {*((lane, "pause") for lane in PAUSED_BY_HAND), *((lane, "resume") for lane in Lane)}


class MailBoardMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        return [
            path("board/", site.admin_view(self.board_view), name="candidates_mail_board"),
            path(
                "board/<int:lane>/<slug:deed>/",
                site.admin_view(self.lane_view),
                name="candidates_mail_lane",
            ),
            *super().get_urls(),
        ]

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """A header of HTTP reloads it, so it needs no script; ?still holds it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_still = "still" in request.GET
        board = mail_board.look(now=timezone.now(), zone=timezone.get_current_timezone())
        sent = [it.sent for it in board.hours]
        context = {
            "title": _("Mail board"),
            "board": board,
            "bars": list(zip(board.hours, charts.bars(sent), strict=True)),
            "rows": [*reversed(board.hours), board.earlier],
            "lanes": _lanes(board.standing),
            "paused_by_hand": PAUSED_BY_HAND,
            "can_pause": _can_pause(request),
            "is_still": is_still,
            "refresh_seconds": REFRESH_SECONDS,
        }
        response = self._board_page(request, "board", context)
        if not is_still:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    def lane_view(self, request: HttpRequest, lane: int, deed: str) -> HttpResponse:
        """Ask before a lane is paused or resumed, and write down who did it and why."""
        user = request.user
        if not isinstance(user, User) or not _can_pause(request):
            raise PermissionDenied
        if (lane, deed) not in DEEDS:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            self._do_to_lane(request, Lane(lane), deed, form.cleaned_data["reason"], user)
            return HttpResponseRedirect(reverse("admin:candidates_mail_board"))
        standing = mail_board.standing(now=timezone.now())
        context = {
            "title": _("Pause mail") if deed == "pause" else _("Let mail leave again"),
            "deed": deed,
            "lane": next(it for it in standing.lanes if it.lane == lane),
            "form": form,
        }
        return self._board_page(request, "lane", context)

    def _do_to_lane(
        self, request: HttpRequest, lane: Lane, deed: str, reason: str, user: User
    ) -> None:
        """Log each with the pause itself: a lane that is resumed has none any more."""
        now, pause = timezone.now(), pauses.paused().get(lane)
        if deed == "pause" and pauses.pause(
            lane=lane, reason=MailPause.Reason.BY_STAFF, author=user, now=now
        ):
            _log(user, pauses.paused()[lane], ADDITION, reason)
            messages.success(request, _("Paused: nothing of this lane leaves until it is resumed."))
        elif deed == "resume" and pause and pauses.resume(lane=lane, author=user, now=now):
            _log(user, pause, DELETION, reason)
            messages.success(request, _("Resumed: what came due meanwhile leaves now."))

    def _board_page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request, f"admin/candidates/mail_board/{name}.html", {**page, **context}
        )


def _can_pause(request: HttpRequest) -> bool:
    """No field of a pause is ever edited by hand, and whoever pauses may resume."""
    return request.user.has_perm("candidates.change_mailpause")


def _log(user: User, pause: MailPause, flag: int, reason: str) -> None:
    LogEntry.objects.log_actions(user.pk, [pause], flag, reason, single_object=True)


def _lanes(standing: mail_board.Standing) -> list[tuple[LaneStanding, str]]:
    """Each lane, and the words of the colleague who paused it."""
    keys = [str(it.pause.pk) for it in standing.lanes if it.pause]
    of_pauses = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(MailPause),
        object_id__in=keys,
        action_flag=ADDITION,
    )
    said = {it.object_id: it.change_message for it in of_pauses.order_by("action_time")}
    return [(it, said.get(str(it.pause.pk), "") if it.pause else "") for it in standing.lanes]
