"""Security headers that Django does not set: the Content-Security-Policy above all."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponseBase

IN_NO_FRAME = "frame-ancestors 'none'"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        IN_NO_FRAME,
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), browsing-topics=()"

Handler = Callable[[HttpRequest], HttpResponseBase]


def let_frame(response: HttpResponseBase, origins: Sequence[str]) -> None:
    """Let these sites show this answer in a frame of theirs, and no other; none: nobody."""
    if origins:
        allowed = f"frame-ancestors {' '.join(origins)}"
        policy = CONTENT_SECURITY_POLICY.replace(IN_NO_FRAME, allowed)
        response.headers["Content-Security-Policy"] = policy


def headers_middleware(get_response: Handler) -> Handler:
    """Add the policies to every answer; a view that set its own keeps it.

    X-Frame-Options can't name a site, and where both speak some browsers follow it alone: it is
    left out of an answer whose policy names the sites that may frame it.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if not _names_framers(response.headers["Content-Security-Policy"]):
            response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    return respond


def _names_framers(policy: str) -> bool:
    return "frame-ancestors" in policy and IN_NO_FRAME not in policy
