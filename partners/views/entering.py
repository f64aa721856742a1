"""What every view of the portal begins with: who asks, and for which partner."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from partners import second_step, tenancy
from partners.models import User


def enter(request: HttpRequest, slug: str) -> tenancy.Access:
    """Return what this user may see here; the same 404 for a foreign partner and for none."""
    user = user_of(request)
    try:
        access = tenancy.enter(user=user, slug=slug)
    except tenancy.NoSuchPartner:
        raise Http404 from None
    if access.is_look and second_step.is_missing(user=user):
        raise PermissionDenied
    return access


def manage(request: HttpRequest, slug: str) -> tenancy.Access:
    """Enter to change something: 403 for viewers, and for RFS staff who look."""
    access = enter(request, slug)
    if not access.may_manage:
        raise PermissionDenied
    return access


def user_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user
