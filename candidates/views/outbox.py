"""The outbox as pages (demo only): what a mail program would show."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from candidates import outbox
from recruit import headers

SHOWN = 50
REFRESH_SECONDS = 5
PHONE_WIDTH, DESKTOP_WIDTH = 360, 600

PAGE_POLICY = f"{headers.CONTENT_SECURITY_POLICY}; frame-src 'self'"
# The mail is shown in a frame of ours, and can do nothing but open links.
HTML_PART_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation allow-popups"
)


@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """List what came last; a header of HTTP reloads it, so it needs no script."""
    is_paused = "paused" in request.GET
    context = {
        "deliveries": outbox.newest(limit=SHOWN),
        "count": outbox.count(),
        "is_paused": is_paused,
        "refresh_seconds": REFRESH_SECONDS,
    }
    response = render(request, "candidates/outbox.html", context)
    add_never_cache_headers(response)
    if not is_paused:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_safe
def message(request: HttpRequest, message_id: uuid.UUID, number: int) -> HttpResponse:
    delivery = _delivery(message_id, number)
    is_phone = request.GET.get("width") == str(PHONE_WIDTH)
    context = {
        "delivery": delivery,
        "width": PHONE_WIDTH if is_phone else DESKTOP_WIDTH,
        "widths": (DESKTOP_WIDTH, PHONE_WIDTH),
    }
    response = render(request, "candidates/outbox_message.html", context)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@require_safe
def html_part(request: HttpRequest, message_id: uuid.UUID, number: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Show the HTML part, its styles taken out, its links leading out of the frame."""
    html, _styles = outbox.without_inline_styles(_delivery(message_id, number).html)
    stylesheet_url = reverse("outbox:stylesheet", args=[message_id, number])
    head = f'<base target="_top"><link rel="stylesheet" href="{stylesheet_url}"></head>'
    response = HttpResponse(html.replace("</head>", head, 1))
    response.headers["Content-Security-Policy"] = HTML_PART_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_safe
def stylesheet(request: HttpRequest, message_id: uuid.UUID, number: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    _html, styles = outbox.without_inline_styles(_delivery(message_id, number).html)
    return HttpResponse(styles, content_type="text/css; charset=utf-8")


def _delivery(message_id: uuid.UUID, number: int) -> outbox.Delivery:
    try:
        return outbox.read(message_id=message_id, number=number)
    except outbox.NotInOutbox as missing:
        raise Http404 from missing
