"""What every template may show of the site itself."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    return {
        "base_url": settings.BASE_URL,
        "organisation": settings.ORGANISATION,
        "postal_address": settings.POSTAL_ADDRESS,
        "is_demo": settings.IS_DEMO,
    }
