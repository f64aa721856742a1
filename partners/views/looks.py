"""Logs what RFS staff were shown of a partner: the one thing that opening a page writes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from partners import looks, tenancy
from partners.models import User

Handler = Callable[[HttpRequest], HttpResponseBase]


def looks_middleware(get_response: Handler) -> Handler:
    """Stand behind every address under a partner's name, so that no new page can forget the log.

    Only what was shown is a look: a page that is not there, or was refused, is none.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        found = request.resolver_match
        if found and "slug" in found.kwargs and response.status_code == 200:
            _note(request, found.kwargs["slug"], found.view_name)
        return response

    return respond


def _note(request: HttpRequest, slug: str, page: str) -> None:
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return
    access = tenancy.enter(user=user, slug=slug)
    if access.is_look:
        looks.note(user=user, partner_id=access.partner.pk, page=page[:60], now=timezone.now())
