"""Says in words that somebody has tried too often, at whichever door it was."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from partners import throttling
from partners.arrivals import client_address
from partners.throttling import Limit, TooManyTries
from partners.views.keeping import FIELD

Handler = Callable[[HttpRequest], HttpResponseBase]


class ThrottlingMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        if not isinstance(failure, TooManyTries):
            return None
        context = {"minutes": failure.minutes, "kept": request.POST.get(FIELD, "")}
        response = render(request, "registration/too_many_tries.html", context, status=429)
        response["Retry-After"] = str(failure.minutes * 60)
        response["Cache-Control"] = "no-store"
        return response


def count(request: HttpRequest, *, door: str, limit: Limit, account: str) -> None:
    """Count one try of this visitor. Raises TooManyTries, which becomes the page above."""
    throttling.count(
        door=door,
        limit=limit,
        account=account,
        address=client_address(request),
        now=timezone.now(),
    )
