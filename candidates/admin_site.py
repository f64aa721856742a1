"""The admin site: it opens on what needs doing, in the time zone of the drive.

Outside of candidates.admin, because importing that package registers with this very site.
"""

from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from candidates import desk
from partners import drives, second_step
from partners.models import Drive, User
from partners.views.accounts import LogIn

# More digits than this Python refuses to read, and a NUL PostgreSQL: both as an error of ours.
LONGEST_VALUE = 4000


class DeskLogIn(LogIn):
    authentication_form = AdminAuthenticationForm
    template_name = "admin/login.html"
    redirect_authenticated_user = False

    def home_of(self, user: User) -> str:  # noqa: ARG002 - the portal's asks who it is
        return reverse("admin:index")


class DeskSite(AdminSite):
    site_title = _("Staff desk")
    site_header = _("Staff desk")
    index_title = _("What needs doing")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not second_step.is_missing(user=request.user)

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As Django's, by the portal's one way into a session."""
        if second_step.is_missing(user=request.user):
            return redirect("partners:second-step")
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        return DeskLogIn.as_view(extra_context=context)(request)  # type: ignore[return-value]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = extra_context or {}
        user = request.user
        if isinstance(user, User) and user.has_perm("candidates.view_candidate"):
            context |= {"desk": desk.look(user=user, now=timezone.now())}
        return super().index(request, context)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Show times as the drive's day has them: staff and dashboard agree on what today is."""
        inner = super().admin_view(view, cacheable)

        def in_drive_zone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _refuse_unreadable(request)
            with timezone.override(_zone()):
                response: HttpResponseBase = inner(request, *args, **kwargs)
                return (
                    response.render() if isinstance(response, SimpleTemplateResponse) else response
                )

        return update_wrapper(in_drive_zone, inner)


def _zone() -> tzinfo:
    try:
        return drives.current(now=timezone.now()).zone
    except Drive.DoesNotExist:  # the desk is where one is made
        return UTC


def _refuse_unreadable(request: HttpRequest) -> None:
    values = [value for _name, listed in request.GET.lists() for value in listed]
    if any("\0" in value or len(value) > LONGEST_VALUE for value in values):
        raise BadRequest("a filter that can't be read")
