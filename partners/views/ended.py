"""Answers a form that came after its session had ended with the log-in itself, in place."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from partners.views.keeping import ask_again, kept_by

Handler = Callable[[HttpRequest], HttpResponseBase]
DOORS = ("partners:log-in", "admin:login")


def ended_middleware(get_response: Handler) -> Handler:
    """Stand behind every page that asks for a log-in, so that no new one loses what was typed."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "POST" and _is_turned_away(request, response):
            kept = kept_by(request)
            return ask_again(request, kept) if kept else response
        return response

    return respond


def _is_turned_away(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code != 302 or request.user.is_authenticated:
        return False
    here = request.get_full_path()
    doors = {redirect_to_login(here, reverse(door)).url for door in DOORS}
    return response.headers["Location"] in doors
