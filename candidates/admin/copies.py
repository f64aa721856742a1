"""A copy of a mail to the colleague who looks at it, and what became of it, in words."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates import previews
from candidates.texts import Place
from partners import throttling
from partners.arrivals import client_address
from partners.models import User

AWAY = _("The mail server can't be reached: no copy was sent. The mails that are owed wait for it.")


def send(request: HttpRequest, *, place: Place, subject: str, body: str, user: User) -> None:
    """Send it, or say why not. Raises wording.Refused."""
    now, address = timezone.now(), client_address(request)
    try:
        throttling.count(
            door="test-mail", limit=throttling.TEST_MAIL, account=user.email,
            address=address, now=now,
        )  # fmt: skip
        previews.send_to_oneself(place=place, subject=subject, body=body, user=user, now=now)
    except throttling.TooManyTries as too_many:
        wait = gettext("Enough copies for now. Try again in %(minutes)s minutes.")
        messages.warning(request, wait % {"minutes": too_many.minutes})
    except previews.NotSent as failure:
        refused = gettext("The mail server did not take the copy. It said: %(answer)s")
        messages.error(request, refused % {"answer": failure.answer} if failure.answer else AWAY)
    else:
        sent = gettext("A copy was handed to the mail server for %(email)s.")
        messages.success(request, sent % {"email": user.email})
