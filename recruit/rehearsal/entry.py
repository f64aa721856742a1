"""Where a request enters a rehearsal: every answer is marked, and says so where there is none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from recruit.rehearsal import alive, gate
from recruit.rehearsal.gate import Gate

HEALTH = "/healthz"
RETRY_AFTER_SECONDS = 30

Handler = Callable[[HttpRequest], HttpResponseBase]


def rehearsal_middleware(get_response: Handler) -> Handler:
    """Stand before everything that reads a table. Only the processes of a rehearsal have it."""
    alive.keep_saying(alive.WEB)

    def respond(request: HttpRequest) -> HttpResponseBase:
        return _marked(_answer(request))

    def _answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info == HEALTH:
            return get_response(request)
        found = gate.look()
        if found is not Gate.OPEN:
            return _absent(found)
        response = get_response(request)
        if response.status_code == 500 and (found := gate.look_again()) is not Gate.OPEN:
            return _absent(found)  # purged while it was being answered
        return response

    return respond


def _absent(found: Gate) -> HttpResponse:
    context = {"is_other_version": found is Gate.OTHER_VERSION}
    response = HttpResponse(render_to_string("no_rehearsal.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    # Or Django logs it as an error, once for every request.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _marked(response: HttpResponseBase) -> HttpResponseBase:
    """No cache may keep it, and no search engine may find it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
