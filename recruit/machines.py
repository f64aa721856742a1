"""Answers the addresses without a language before anything that only pages for people need."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

URLCONF = "partners.machine_urls"

Handler = Callable[[HttpRequest], HttpResponseBase]


def machines_middleware(get_response: Handler) -> Handler:
    """Stand before session, language, forgery check and log-in: together they cost a redirect
    as much as itself (bench/run.py), and it uses none of them. What is above still runs.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        try:
            found = resolve(request.path_info, URLCONF)
        except Resolver404:
            return get_response(request)
        # Or an error page would speak the language of this thread's last visitor.
        translation.deactivate()
        request.resolver_match = found
        return found.func(request, *found.args, **found.kwargs)  # type: ignore[no-any-return]

    return respond
