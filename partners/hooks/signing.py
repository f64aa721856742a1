"""The secret of an endpoint and what it signs.

The secret is reckoned from the key that is never changed and a salt: the database holds nothing
that could sign, and a copy of it gives nobody's secret away.
"""

import base64
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from partners.models import Endpoint

# After it was renewed, what leaves is signed with the old secret, too.
OVERLAP = timedelta(hours=24)


def secret(*, endpoint: Endpoint) -> str:
    """Return what the receiver checks signatures with. Show it once."""
    return _secret(endpoint.pk, endpoint.salt)


def header(*, endpoint: Endpoint, body: bytes, now: datetime) -> str:
    """Return the value of RFS-Signature: the time, and a signature for each secret that holds."""
    at = int(now.timestamp())
    signed = b"%d." % at + body
    marks = [hmac.digest(it.encode(), signed, "sha256").hex() for it in _secrets(endpoint, now)]
    return ",".join([f"t={at}", *(f"v1={it}" for it in marks)])


def _secrets(endpoint: Endpoint, now: datetime) -> Iterator[str]:
    yield secret(endpoint=endpoint)
    if endpoint.old_salt and endpoint.rotated_at and now < endpoint.rotated_at + OVERLAP:
        yield _secret(endpoint.pk, endpoint.old_salt)


def _secret(endpoint_id: UUID, salt: UUID) -> str:
    named = b"hook-secret:" + endpoint_id.bytes + salt.bytes
    digest = hmac.digest(settings.SUPPRESSION_KEY.encode(), named, "sha256")
    return f"whsec_{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
