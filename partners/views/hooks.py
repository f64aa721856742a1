"""A partner's webhooks: all of them, making one, and the page of one with its log."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from partners import drives, hooks
from partners.hook_forms import HookForm, ReplayForm
from partners.models import Endpoint
from partners.tenancy import Access
from partners.views import entering

MOST_SHOWN = 50


@never_cache
@login_required
@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    access, now = entering.enter(request, slug), timezone.now()
    rows = Endpoint.objects.filter(partner=access.partner).order_by("-made_at", "pk")
    context = {
        "access": access,
        "partner": access.partner,
        "rows": [(it, it.is_resting(now=now)) for it in rows],
        "has_room": hooks.has_room(partner=access.partner),
        "zone": drives.current(now=now).zone,
    }
    return render(request, "partners/portal/hooks.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    access = entering.manage(request, slug)
    form = HookForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and hooks.has_room(partner=access.partner):
        endpoint = hooks.make(
            partner=access.partner,
            author=entering.user_of(request),
            language=get_language() or "en",
            now=timezone.now(),
            **form.facts(),
        )
        return _show_secret(request, access, endpoint)
    context = {"access": access, "partner": access.partner, "form": form}
    context |= {"has_room": hooks.has_room(partner=access.partner)}
    status = 422 if form.is_bound else 200
    return render(request, "partners/portal/hook_new.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, slug: str, hook_id: UUID) -> HttpResponse:
    writes = request.method == "POST"
    access = (entering.manage if writes else entering.enter)(request, slug)
    own = Endpoint.objects.filter(partner=access.partner).select_related("made_by")
    endpoint = get_object_or_404(own, pk=hook_id)
    if not writes:
        return _page(request, access, endpoint)
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        return HttpResponseBadRequest()
    return deed(request, access, endpoint)


def _page(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    now = timezone.now()
    context = {
        "access": access,
        "partner": access.partner,
        "endpoint": endpoint,
        "is_resting": endpoint.is_resting(now=now),
        "deliveries": hooks.listed(endpoint=endpoint, most=MOST_SHOWN),
        "replay_form": ReplayForm(),
        "zone": drives.current(now=now).zone,
    }
    return render(request, "partners/portal/hook.html", context)


def _show_secret(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    """Shown in the answer itself: once, and kept in no session."""
    context = {
        "access": access,
        "partner": access.partner,
        "endpoint": endpoint,
        "secret": hooks.secret(endpoint=endpoint),
    }
    return render(request, "partners/portal/hook_secret.html", context)


def _ping(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    hooks.ping(endpoint=endpoint, now=timezone.now())
    messages.success(
        request, _("A test is on its way. What became of it stands below in a moment.")
    )
    return _back(access, endpoint)


def _off(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    hooks.switch_off(endpoint=endpoint, now=timezone.now())
    messages.success(request, _("Switched off. Nothing is sent there any more."))
    return _back(access, endpoint)


def _on(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    hooks.switch_on(endpoint=endpoint, now=timezone.now())
    messages.success(request, _("Switched on. It is told of what happens from now on."))
    return _back(access, endpoint)


def _renew(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    return _show_secret(request, access, hooks.rotate(endpoint=endpoint, now=timezone.now()))


def _delete(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    hooks.delete(endpoint=endpoint)
    messages.success(request, _("Deleted, with its log."))
    return redirect("partners:hooks", access.partner.slug)


def _again(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    try:
        wanted = UUID(request.POST.get("delivery", ""))
    except ValueError:
        return HttpResponseBadRequest()
    if hooks.replay(endpoint=endpoint, delivery_id=wanted, now=timezone.now()):
        messages.success(request, _("It is sent again, under the same number."))
    else:
        messages.error(request, _("It waits to be sent anyway."))
    return _back(access, endpoint)


def _again_since(request: HttpRequest, access: Access, endpoint: Endpoint) -> HttpResponse:
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    now = timezone.now()
    since = now - timedelta(hours=int(form.cleaned_data["since"]))
    count = hooks.replay_since(endpoint=endpoint, since=since, now=now)
    words = ngettext(
        "%(count)s event is sent again, under its old number.",
        "%(count)s events are sent again, under their old numbers.",
        count,
    )
    messages.success(request, words % {"count": f"{count:,}"})
    return _back(access, endpoint)


def _back(access: Access, endpoint: Endpoint) -> HttpResponse:
    return redirect("partners:hook", access.partner.slug, endpoint.pk)


DEEDS: dict[str, Callable[[HttpRequest, Access, Endpoint], HttpResponse]] = {
    "ping": _ping,
    "off": _off,
    "on": _on,
    "renew": _renew,
    "delete": _delete,
    "again": _again,
    "again-since": _again_since,
}
