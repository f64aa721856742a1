"""Takes requests in UTF-8 alone, as every browser sends them.

Django decodes a request in whatever charset its header names, and Python has some that are no
charset at all (hex, zlib, idna): they break it where no middleware can catch that.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

from recruit import refusal

# ASCII is UTF-8; and what calls itself Latin-1 here is a program that kept its library's default.
SAME_TO_US = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1"}
NAMED = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)
LONGEST = 1000
REFUSAL = b"We can only read UTF-8. Please send this again in UTF-8, or name no charset.\n"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def in_utf8(application: Application) -> Application:
    """Answer 400 in words to a request in another charset; the rest is read as UTF-8."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE")
        if content_type and (len(content_type) > LONGEST or "charset" in content_type.lower()):
            if not _is_ours(content_type):
                return refusal.say(start_response, "400 Bad Request", REFUSAL)
            environ["CONTENT_TYPE"] = NAMED.sub("", content_type)
        return application(environ, start_response)

    return respond


def _is_ours(content_type: str) -> bool:
    """Tell whether nothing but a charset that we read is named, as Django would find it."""
    if len(content_type) > LONGEST:
        return False
    try:
        named = parse_header_parameters(content_type)[1].get("charset", "utf-8")
        left = parse_header_parameters(NAMED.sub("", content_type))[1]
    except ValueError:
        return False
    return named.lower() in SAME_TO_US and "charset" not in left
