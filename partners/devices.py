"""Remembers, in a signed first-party cookie, that members of a partner log in on this device."""

from collections.abc import Iterable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

KEPT_SECONDS = 180 * 24 * 3600
MOST_PARTNERS = 20
BETWEEN = "."


def remember(
    request: HttpRequest, response: HttpResponseBase, *, partner_ids: Iterable[int]
) -> None:
    """Add these partners to those the device is known for: the newest stay when there are many."""
    added = list(partner_ids)
    if not added:
        return
    kept = [it for it in partners_of(request) if it not in added]
    text = BETWEEN.join(str(it) for it in [*kept, *added][-MOST_PARTNERS:])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        _signer().sign(text),
        max_age=KEPT_SECONDS,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def partners_of(request: HttpRequest) -> list[int]:
    """Return whose members logged in here; a cookie that we did not sign names nobody."""
    kept = request.COOKIES.get(settings.DEVICE_COOKIE_NAME)
    if not kept:
        return []
    try:
        return [int(it) for it in _signer().unsign(kept).split(BETWEEN)]
    except (signing.BadSignature, ValueError):
        return []


def _signer() -> signing.Signer:
    return signing.Signer(salt="partners.devices")
