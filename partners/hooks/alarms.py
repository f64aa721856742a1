"""Letters about an endpoint that fails: to the managers of its partner, or to staff."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from partners import letters
from partners.models import Endpoint, Invitation, Letter, Member


def warn(*, endpoint: Endpoint, now: datetime) -> None:
    """Tell that it has failed so many times in a row; once for each number and each row of them."""
    _tell(Letter.Kind.HOOK_FAILING, endpoint, now)


def tell_off(*, endpoint: Endpoint, now: datetime) -> None:
    """Tell that it was switched off, and by what."""
    _tell(Letter.Kind.HOOK_OFF, endpoint, now)


def _tell(kind: Letter.Kind, endpoint: Endpoint, now: datetime) -> None:
    since = endpoint.failing_since or now
    facts = {"endpoint": str(endpoint.pk), "failures": endpoint.failures}
    letters.owe_all(
        owed=[
            Letter(
                kind=kind,
                recipient=email,
                language=language,
                facts=facts,
                key=f"{kind}:{endpoint.pk}:{since:%y%m%d%H%M%S%f}:{endpoint.failures}:{who}",
                owed_at=now,
            )
            for who, email, language in _readers(endpoint)
        ]
    )


def _readers(endpoint: Endpoint) -> Iterator[tuple[int, str, str]]:
    if endpoint.partner_id is None:
        for number, email in enumerate(settings.STAFF_EMAILS, start=1):
            yield number, email, settings.LANGUAGE_CODE
        return
    accepted = Invitation.objects.filter(
        partner=OuterRef("partner"), email=OuterRef("user__email"), accepted_at__isnull=False
    ).order_by("-accepted_at")
    language = Coalesce(Subquery(accepted.values("language")[:1]), Value(settings.LANGUAGE_CODE))
    managers = Member.objects.filter(
        partner=endpoint.partner_id, role=Member.Role.MANAGER, user__is_active=True
    )
    yield from managers.annotate(language=language).values_list("pk", "user__email", "language")
