"""What the mail server, or the API of a provider, said of one mail."""

import smtplib

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused

from recruit import replies

TOO_MANY, UNAVAILABLE = 429, 503
# It does not know our key, or not for this.
NOT_US = (401, 402, 403)


class Answer:
    """What was said of one letter, and what we make of it."""

    def __init__(self, failure: Exception) -> None:
        self.code, text = _said(failure)
        # All else that smtplib or a socket raises is an OSError: no answer, a hung-up line.
        is_hung_up = isinstance(failure, OSError) and not self.code
        is_about_us = isinstance(failure, smtplib.SMTPSenderRefused)
        self.outcome = (
            replies.outcome(code=self.code, text=text, is_about_us=is_about_us)
            if is_hung_up or self.code
            else replies.UNWRITTEN
        )
        self.needs_new_line = is_hung_up or self.code == replies.CLOSING
        self.error = f"{type(failure).__name__} {self.code or ''}".strip()[:120]
        self.detail = f"{self.code} {replies.status(text=text)}".strip()


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
