"""A plain answer to a request that never reaches Django."""

from collections.abc import Callable, Iterable
from typing import Any

from recruit.headers import CONTENT_SECURITY_POLICY


def say(
    start_response: Callable[..., Any], status: str, words: bytes, **more: str
) -> Iterable[bytes]:
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(words)),
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        **more,
    }
    start_response(status, list(headers.items()))
    return [words]
