"""Reads the environment: each variable once, refused in words when it is wrong."""

import os
import re
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from recruit import dkim

MODES = ("production", "demo", "test")
POSTGRESQL_SCHEMES = ("postgres", "postgresql")
# Of a provider's API, for one answer; recruit.providers ends the whole attempt.
CONNECT_SECONDS, ANSWER_SECONDS = 10, 18
SHORTEST_SECRET = 24
SCHEMAS_OF_OTHERS = ("public", "information_schema")


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


def rate(name: str, default: str) -> float:
    return _rate(name, text(name, default))


def rates(name: str, default: str) -> dict[str, float]:
    """Turn `gmail.com=20,yahoo.com=0.5` into numbers by domain."""
    found = {}
    for part in names(name, default):
        domain, equals, number = part.partition("=")
        if not equals or not domain.strip():
            refuse(name, f"like gmail.com=20,yahoo.com=0.5, not {part!r}")
        found[domain.strip().lower()] = _rate(name, number.strip())
    return found


def _rate(name: str, value: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
        refuse(name, f"a number of mails a second like 20 or 0.5, not {value!r}")
    return float(value)


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


def rehearsal_address(name: str, *, is_needed: bool) -> str:
    """Return where a rehearsal is, if this site can have one."""
    return web_address(name) if is_needed or text(name, "") else ""


def schema(name: str, default: str) -> str:
    value = text(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", value) or value in SCHEMAS_OF_OTHERS:
        refuse(name, f"the name of a schema like rehearsal, not {value!r}")
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


def dkim_signer(key_name: str, selector_name: str, domain: str) -> dkim.Signer | None:
    """Read the key itself or the file it is in; none: somebody else signs, or nobody."""
    key, selector = text(key_name, ""), text(selector_name, "")
    if not key and not selector:
        return None
    if not re.fullmatch(r"[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*", selector):
        refuse(selector_name, f"a name like mail-2026, beside {key_name}, not {selector!r}")
    try:
        pem = key.replace("\\n", "\n") if "PRIVATE KEY" in key else Path(key).read_text()
        dkim.read_key(pem)
    except (OSError, ValueError):
        refuse(key_name, "a private RSA key (PEM) of 1024 bits or more, or a file that has one")
    return dkim.Signer(domain, selector, pem)


def celery_broker(redis_url: str) -> str:
    """Celery spells a Redis socket `redis+socket://`, redis-py spells it `unix://`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


def another_redis(redis_url: str, number: int) -> str:
    """Return the database of that number on the server of this address."""
    if redis_url.startswith("unix://"):
        return f"{redis_url.partition('?')[0]}?db={number}"
    return urlsplit(redis_url)._replace(path=f"/{number}").geturl()


def mail(name: str, default: str | None = None) -> dict[str, Any]:
    """Turn `smtp://user:password@host:587?tls=starttls` (or tls=on, or none) into settings.

    Or the address of a provider: what `PROVIDERS` knows how to read.
    """
    parts = urlsplit(text(name, default))
    if parts.scheme in PROVIDERS:
        return _provider(name, parts)
    security = dict(parse_qsl(parts.query)).get("tls", "none")
    if parts.scheme != "smtp" or not parts.hostname or security not in ("none", "starttls", "on"):
        examples = ", or ".join(it.example for it in PROVIDERS.values())
        refuse(name, f"an address like smtp://user:password@host:587?tls=starttls, or {examples}")
    return {
        "MAIL_PROVIDER": "",
        "EMAIL_BACKEND": "recruit.mail.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "on",
    }


class Provider(NamedTuple):
    """How the address of a provider reads; `parts` and `options` name settings of anymail."""

    backend: str
    example: str
    user: str
    host: str = ""
    options: dict[str, str] = {}
    regions: dict[str, str] = {}


PROVIDERS = {
    "postmark": Provider(
        backend="Postmark",
        example="postmark://TOKEN?stream=broadcast",
        user="SERVER_TOKEN",
        options={"stream": "MESSAGE_STREAM"},
    ),
    "mailgun": Provider(
        backend="Mailgun",
        example="mailgun://KEY@DOMAIN?signing_key=KEY&region=eu",
        user="API_KEY",
        host="SENDER_DOMAIN",
        options={"signing_key": "WEBHOOK_SIGNING_KEY"},
        regions={"us": "https://api.mailgun.net/v3", "eu": "https://api.eu.mailgun.net/v3"},
    ),
    "sparkpost": Provider(
        backend="SparkPost",
        example="sparkpost://KEY?region=eu",
        user="API_KEY",
        regions={
            "us": "https://api.sparkpost.com/api/v1",
            "eu": "https://api.eu.sparkpost.com/api/v1",
        },
    ),
}


def _provider(name: str, parts: SplitResult) -> dict[str, Any]:
    of = PROVIDERS[parts.scheme]
    user, _, host = parts.netloc.rpartition("@") if of.host else (parts.netloc, "", "")
    options = dict(parse_qsl(parts.query))
    region = options.pop("region", "us")
    needed = {"signing_key"} & set(of.options)
    is_known = set(options) <= set(of.options) and region in (of.regions or {"us": ""})
    if not user or bool(host) != bool(of.host) or not is_known or not needed <= set(options):
        refuse(name, f"an address like {of.example}")
    values = {of.user: unquote(user), of.host: host, "API_URL": of.regions.get(region, "")}
    values |= {of.options[option]: value for option, value in options.items()}
    return {
        "MAIL_PROVIDER": parts.scheme,
        "EMAIL_BACKEND": f"recruit.providers.{of.backend}",
        "ANYMAIL": {
            **{f"{parts.scheme.upper()}_{key}": it for key, it in values.items() if key and it},
            "REQUESTS_TIMEOUT": (CONNECT_SECONDS, ANSWER_SECONDS),
            # No pixel, no counted link: what people read is nobody's business.
            "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
            "WEBHOOK_SECRET": _webhook_secret("MAIL_WEBHOOK_SECRET"),
        },
    }


def _webhook_secret(name: str) -> str:
    """Return `user:password`, by which the provider shows who it is when it tells us something."""
    value = text(name)
    if len(value) < SHORTEST_SECRET or ":" not in value:
        refuse(name, f"user:password, {SHORTEST_SECRET} characters or more")
    return value


def mailbox(name: str) -> dict[str, Any]:
    """Turn `pop3s://user:password@host:995` (or pop3:// without TLS) into where to look; or not."""
    if not text(name, ""):
        return {}
    parts = urlsplit(text(name))
    ports = {"pop3": 110, "pop3s": 995}
    if parts.scheme not in ports or not (parts.hostname and parts.username and parts.password):
        refuse(name, "an address like pop3s://user:password@host:995")
    return {
        "host": parts.hostname,
        "port": parts.port or ports[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "is_tls": parts.scheme == "pop3s",
    }
