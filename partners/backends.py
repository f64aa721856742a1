"""Checks a password: the one place that the portal's log-in and the admin's both come to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from partners import throttling
from partners.arrivals import client_address
from partners.models import User


class ThrottledBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **options: Any,
    ) -> User | None:
        """Raises TooManyTries, for an unknown address as for a known one."""
        if request is None:
            return super().authenticate(request, username, password, **options)
        tried: Any = {
            "door": "log-in",
            "limit": throttling.LOG_IN,
            "account": username or "",
            "address": client_address(request),
            "now": timezone.now(),
        }
        throttling.count(**tried)
        user = super().authenticate(request, username, password, **options)
        if user:
            throttling.forgive(**tried)
        return user
