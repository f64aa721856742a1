"""What the mail server, or the API of a provider, said of one mail."""

import smtplib

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from urllib3 import exceptions

from recruit import replies

TOO_MANY, UNAVAILABLE = 429, 503
# It does not know our key, or not for this.
NOT_US = (401, 402, 403)
# No line was open yet, so the letter can't have been taken.
UNREACHED = (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError)
UNCLEAR = 451


class Answer:
    """What was said of one letter, and what we make of it."""

    def __init__(self, failure: Exception) -> None:
        self.code, text = _said(failure)
        # All else that smtplib or a socket raises is an OSError: no answer, a hung-up line.
        is_hung_up = isinstance(failure, OSError) and not self.code
        is_away = is_hung_up and _is_unreached(failure)
        is_about_us = isinstance(failure, smtplib.SMTPSenderRefused)
        if is_away:
            self.outcome = replies.AWAY
        elif is_hung_up or self.code:
            self.outcome = replies.outcome(code=self.code, text=text, is_about_us=is_about_us)
        else:
            self.outcome = replies.UNWRITTEN
        # An API that fails, or says what nobody understands, may have taken it before.
        is_unclear = isinstance(failure, AnymailError) and self.code == UNCLEAR
        self.may_have_left = (is_hung_up and not is_away) or is_unclear
        self.needs_new_line = is_hung_up or self.code == replies.CLOSING
        self.error = f"{type(failure).__name__} {self.code or ''}".strip()[:120]
        self.detail = f"{self.code} {replies.status(text=text)}".strip()


def _is_unreached(failure: Exception) -> bool:
    """Look for what `requests` was told by what it stands on."""
    cause = failure.__cause__
    told = cause.args[0] if cause and cause.args else None
    return isinstance(getattr(told, "reason", None), UNREACHED)


def _said(failure: Exception) -> tuple[int, str]:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, error = max(failure.recipients.values())
        return code, error.decode(errors="replace")
    if isinstance(failure, smtplib.SMTPResponseException):
        said = failure.smtp_error
        return failure.smtp_code, said if isinstance(said, str) else said.decode(errors="replace")
    return _said_by_api(failure) if isinstance(failure, AnymailError) else (0, "")


def _said_by_api(failure: AnymailError) -> tuple[int, str]:
    """Return a reply of SMTP, so that one table decides; (0, "") where nobody answered.

    What is about the reader fails at once, what is about the letter or about us after a second
    try, and what may pass is tried again later (RFC 5321, 4.2.1; RFC 3463, 3.2).
    """
    if isinstance(failure, (AnymailRecipientsRefused, AnymailInvalidAddress)):
        return 550, "5.1.1 the provider does not take this address"
    status = failure.status_code or 0
    if status in (TOO_MANY, UNAVAILABLE):
        return 421, f"4.3.2 HTTP {status}"
    if status in NOT_US:
        return 535, f"5.7.8 HTTP {status}"
    if 400 <= status < 500:
        return 554, f"5.0.0 HTTP {status}"
    return (451, f"4.3.0 HTTP {status}") if status else (0, "")
