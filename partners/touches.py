"""Remembers, in a signed first-party cookie, through which links somebody came."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from http.cookies import Morsel
from urllib.parse import quote, unquote

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from partners import parameters

KEPT_FOR = timedelta(days=90)
MOST_TOUCHES = 10
MOST_BYTES = 3000
# Of a code and of a sub-source: both quoted, at three bytes for one, always fit.
MOST_BYTES_OF_TEXT = 255
# quote() escapes both, so neither can come from inside a value.
BETWEEN_TOUCHES, BETWEEN_PARTS = "!", "*"


@dataclass(frozen=True, slots=True)
class Touch:
    """One arrival: the code as it was typed, where it was shared, and when."""

    raw_code: str
    sub_source: str
    at: datetime


def arrival(*, raw_code: str, query: Mapping[str, str], at: datetime) -> Touch:
    sub_source = parameters.sub_source(query) if query else ""
    return Touch(_kept(raw_code), _kept(sub_source), at)


def _kept(text: str) -> str:
    """Return what PostgreSQL and the cookie can hold: no NUL, no half character, no novel."""
    short = text.replace("\0", "").encode(errors="ignore")[:MOST_BYTES_OF_TEXT]
    return short.decode(errors="ignore")


def read(request: HttpRequest) -> list[Touch]:
    """Return the touches, oldest first; a cookie that we did not sign counts as none."""
    kept = request.COOKIES.get(settings.TOUCH_COOKIE_NAME)
    if not kept:
        return []
    try:
        text = _signer().unsign(kept)
        return [_parse(part) for part in text.split(BETWEEN_TOUCHES)]
    except (signing.BadSignature, ValueError):
        return []


def written(*, touches: Sequence[Touch], new: Touch) -> str:
    """Return the signed cookie: the newest touches are kept when they don't all fit."""
    return _signer().sign(_text([*_still_kept(touches, new), new]))


def put(response: HttpResponseBase, text: str) -> None:
    """Have the browser keep a cookie that was written()."""
    name = settings.TOUCH_COOKIE_NAME
    cookie = QuickCookie()
    cookie.set(name, text, text)
    dict.update(cookie, _attributes())
    response.cookies[name] = cookie


def _still_kept(touches: Sequence[Touch], new: Touch) -> list[Touch]:
    """Coming back through the same link right away makes one touch, not two."""
    kept = [touch for touch in touches if touch.at > new.at - KEPT_FOR]
    if kept and (kept[-1].raw_code, kept[-1].sub_source) == (new.raw_code, new.sub_source):
        kept.pop()
    return kept[-(MOST_TOUCHES - 1) :]


def _text(touches: list[Touch]) -> str:
    text = BETWEEN_TOUCHES.join(_format(touch) for touch in touches)
    return text if len(text) <= MOST_BYTES else _text(touches[1:])


def _format(touch: Touch) -> str:
    parts = (touch.raw_code, touch.sub_source, str(int(touch.at.timestamp())))
    return BETWEEN_PARTS.join(_quoted(part) for part in parts)


def _quoted(part: str) -> str:
    """Return what a cookie may hold: ASCII, or the server's decoding breaks the signature."""
    return part if part.isascii() and part.isalnum() else quote(part, safe="")


def _parse(part: str) -> Touch:
    raw_code, sub_source, at = part.split(BETWEEN_PARTS)
    return Touch(unquote(raw_code), unquote(sub_source), datetime.fromtimestamp(int(at), UTC))


class QuickCookie(Morsel[str]):
    """What set_cookie would make, in a third of its time: it sorts, and writes a date as well."""

    def OutputString(self, attrs: object = None) -> str:  # noqa: ARG002, N802 - the library's name
        return f"{self.key}={self.coded_value}{_written()}"


@cache
def _written() -> str:
    secure = "; Secure" if settings.IS_HTTPS else ""
    return f"; HttpOnly; Max-Age={_attributes()['max-age']}; Path=/; SameSite=Lax{secure}"


@cache
def _attributes() -> dict[str, object]:
    attributes = {"max-age": int(KEPT_FOR.total_seconds()), "path": "/", "samesite": "Lax"}
    return attributes | {"httponly": True, "secure": settings.IS_HTTPS}


class QuickSigner(signing.Signer):
    """Django's signer, that derives its key once and not for every signature."""

    @cached_property
    def _keyed(self) -> hmac.HMAC:
        return salted_hmac("partners.touchessigner", b"", self.key, algorithm=self.algorithm)

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        if key not in (None, self.key):
            return super().signature(value, key)
        keyed = self._keyed.copy()
        keyed.update(value.encode() if isinstance(value, str) else value)
        return signing.b64_encode(keyed.digest()).decode()


@cache
def _signer() -> signing.Signer:
    return QuickSigner(salt="partners.touches", sep=":")
