"""What the API of a mail provider said of one letter, as a mail server would have said it."""

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused

TOO_MANY, UNAVAILABLE = 429, 503
# It does not know our key, or not for this.
NOT_US = (401, 402, 403)


def said(failure: AnymailError) -> tuple[int, str]:
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
