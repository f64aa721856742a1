"""What counts as PostgreSQL being away, and the honest answer to a request that needed it."""

import logging
import sys

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from recruit import errors

# Gone, full, too slow or locked is operational; a replica that only reads is "internal".
AWAY = (OperationalError, InterfaceError, InternalError)
RETRY_AFTER_SECONDS = 10

logger = logging.getLogger(__name__)


def trouble(_request: HttpRequest) -> HttpResponse:
    """Answer for a view or a middleware that failed: 503 while PostgreSQL is away, or else 500.

    As the handler of errors it costs no request that goes well. Django calls it from the
    `except` that caught the failure.
    """
    failure = sys.exception()
    if not isinstance(failure, AWAY):
        errors.note(errors.Kind.ERROR)
        return HttpResponseServerError(_page("500.html"))
    return honest(HttpResponse(_page("503.html")), failure)


def _page(template: str) -> str:
    """Ask nothing that may be what failed; a rehearsal is known as one here as well."""
    return render_to_string(template, {"is_rehearsal": settings.IS_REHEARSAL})


def honest(response: HttpResponse, failure: BaseException | None) -> HttpResponse:
    """Make this the answer of a site that can't save now; told to the log in one line."""
    errors.note(errors.Kind.AWAY)
    # The path may carry a key, and the error what was typed.
    logger.warning("answered 503: PostgreSQL is away (%s)", type(failure).__name__)
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    # Or Django logs it as an error with its traceback, once for every request.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response
