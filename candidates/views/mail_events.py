"""Where the mail provider tells us what became of mail."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from candidates.events import webhooks

# SparkPost hangs up after 10 seconds, the others later; they tell again what was not answered.
WITHIN = timedelta(seconds=8)

logger = logging.getLogger(__name__)


@csrf_exempt  # a program posts it; the secret and the signature are the authority
@never_cache
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """Answers 200 when all of it is written down, and 503 when time was over before that."""
    provider = settings.MAIL_PROVIDER
    if provider not in webhooks.VIEWS:
        raise Http404
    until = timezone.now() + WITHIN
    try:
        told = webhooks.read(provider=provider, request=request)
    except webhooks.Forged:
        logger.warning("somebody who is not %s posted events of mail", provider)
        return HttpResponse(status=403)
    except RequestDataTooBig:
        logger.warning("%s posted more than we read at once", provider)
        return HttpResponse(status=413)
    except webhooks.Unreadable as trouble:
        cause = type(trouble.__cause__).__name__
        logger.warning("%s posted what we do not understand: %s", provider, cause)
        return HttpResponse(status=400)
    is_done = webhooks.note(provider=provider, told=told, clock=timezone.now, until=until)
    return HttpResponse(status=200 if is_done else 503)
