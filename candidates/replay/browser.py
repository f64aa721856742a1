"""A browser that keeps its connection and its cookie, and knows no way off this machine."""

import http.client
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

SECONDS = 30


class NotThisMachine(ValueError):
    """A replay is for the site on this machine: it must never be sent anywhere else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 where the connection broke before an answer did."""

    status: int
    location: str
    body: bytes
    seconds: float
    cookies: tuple[str, ...] = ()

    @property
    def is_worth_another_try(self) -> bool:
        """Return whether a person would press the button again: broken, or an honest 503."""
        return self.status in (0, HTTPStatus.SERVICE_UNAVAILABLE)


class Line:
    """One kept connection; each thread has its own."""

    def __init__(self, *, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host, self.port = loopback(parts.hostname or ""), parts.port or 80
        if parts.scheme != "http":
            raise NotThisMachine(base_url)
        self.headers = _as_proxied(urlsplit(settings.BASE_URL))
        self.origin = self.headers.get("Origin", f"http://{self.host}:{self.port}")
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        began = time.monotonic()
        try:
            self._connection.request(method, path, body or None, dict(headers))
            found = self._connection.getresponse()
            content = found.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0, "", b"", time.monotonic() - began)
        cookies = tuple(found.headers.get_all("Set-Cookie", []))
        location = urlsplit(found.headers.get("Location", "")).path
        return Answer(found.status, location, content, time.monotonic() - began, cookies)

    def close(self) -> None:
        self._connection.close()


def _as_proxied(site: SplitResult) -> dict[str, str]:
    """What a proxy of ours would say of a request: a site by HTTPS is asked behind its proxy."""
    if site.scheme != "https":
        return {}
    origin = f"https://{site.netloc}"
    return {"Host": site.netloc, "X-Forwarded-Proto": "https", "Origin": origin}


def loopback(host: str) -> str:
    """Return the host; raise NotThisMachine for any that is not this machine's own."""
    try:
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise NotThisMachine(host)


@dataclass
class Browser:
    """Somebody's browser on a line: its name, and the cookies that it was given."""

    line: Line
    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def head(self, path: str) -> Answer:
        return self._ask("HEAD", path)

    def post(self, path: str, answers: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(answers).encode())

    def _ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        headers = {"User-Agent": self.name, "Accept": "text/html", **self.line.headers}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = self.line.origin
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        answer = self.line.ask(method, path, body, headers)
        for cookie in answer.cookies:
            name, _, text = cookie.partition(";")[0].partition("=")
            self.cookies[name] = text
        return answer
