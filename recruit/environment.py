"""Reads the environment: each variable once, refused in words when it is wrong."""

import os
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

MODES = ("production", "demo", "test")
POSTGRESQL_SCHEMES = ("postgres", "postgresql")


def refuse(name: str, should_be: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} must be {should_be}. Set it in the environment.")


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if not value and default is None:
        refuse(name, "set")
    return value or ""


def whole(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        refuse(name, f"a whole number, not {value!r}")
    return int(value)


def switch(name: str, default: str) -> bool:
    value = os.environ.get(name, default)
    if value not in ("on", "off"):
        refuse(name, f"on or off, not {value!r}")
    return value == "on"


def mode() -> str:
    value = os.environ.get("RECRUIT_MODE", "production")
    if value not in MODES:
        refuse("RECRUIT_MODE", " or ".join(MODES))
    return value


def names(name: str, default: str) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def web_address(name: str, default: str | None = None) -> str:
    value = text(name, default).rstrip("/")
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        refuse(name, "an address like https://example.org")
    return value


def database(name: str) -> dict[str, Any]:
    """Turn `postgresql://user:password@host:port/name?host=/socket/folder` into Django's dict."""
    parts = urlsplit(text(name))
    if parts.scheme not in POSTGRESQL_SCHEMES or len(parts.path) < 2:
        refuse(name, "an address like postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }


def celery_broker(redis_url: str) -> str:
    """Celery spells a Redis socket `redis+socket://`, redis-py spells it `unix://`."""
    return redis_url.replace("unix://", "redis+socket://", 1)


def mail(name: str, default: str | None = None) -> dict[str, Any]:
    """Turn `smtp://user:password@host:587?tls=starttls` (or tls=on, or none) into settings."""
    parts = urlsplit(text(name, default))
    security = dict(parse_qsl(parts.query)).get("tls", "none")
    if parts.scheme != "smtp" or not parts.hostname or security not in ("none", "starttls", "on"):
        refuse(name, "an address like smtp://user:password@host:587?tls=starttls")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "on",
    }
