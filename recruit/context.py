"""What every template may show of the site itself."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language


def site(request: HttpRequest) -> dict[str, object]:
    other = "en" if get_language() == "es" else "es"
    return {
        "base_url": settings.BASE_URL,
        "organisation": settings.ORGANISATION,
        "postal_address": settings.POSTAL_ADDRESS,
        "is_demo": settings.IS_DEMO,
        "is_rehearsal": settings.IS_REHEARSAL,
        "other_language": other,
        "other_language_url": translate_url(request.path, other),
    }
