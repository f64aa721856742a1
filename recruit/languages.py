"""The path alone says in which language a page is."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class PathLocaleMiddleware(LocaleMiddleware):
    """Django's, without its Vary: no page depends on Accept-Language here.

    A front cache would keep a copy for each way in which browsers write that header. What does
    read it, /r/<code>, is answered by recruit.machines and says so itself.
    """

    def process_response(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        response: HttpResponseBase,
    ) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response
