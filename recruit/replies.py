"""What a mail server's reply means for a mail, as a table that is read from above.

RFC 5321, 4.2.1 and 4.2.3: 4yz may pass, 5yz will not; the numbers. RFC 3463, 3.2 to 3.8: the second
and third number of the enhanced status say whether it is about the address (X.1), the mailbox
(X.2), the server (X.3), the network (X.4), the talk (X.5), the content (X.6) or policy (X.7).
RFC 7505, 4: 5.1.10, a domain that takes no mail. RFC 4954, 4 and 6: 454, 530, 534, 535, 538, the
log-in. RFC 7504: 521, 556, a host or domain that takes no mail.
"""

import random
import re
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often a mail is tried in all, what it is called when it fails, who is to blame.

    `opens_after`: so many in a row, and whoever is blamed is left alone for a while. From then on
    it was not the mail's fault and costs it no attempt, unless it `always_counts`.
    """

    most_attempts: int
    event: str = ""
    blames_provider: bool = False
    blames_domain: bool = False
    opens_after: int = 5
    always_counts: bool = False


# Twelve are tried within half a day. One refusal of a letter might be the server's refusal of
# everybody, so it takes a second one, unless the server says that it means the address.
HARD_BOUNCE = Outcome(1, "hard_bounce")
SOFT_BOUNCE = Outcome(12, "soft_bounce")
BOUNCE = Outcome(1, "soft_bounce")
RETRY = Outcome(12, "soft_bounce")
BUSY = Outcome(12, "soft_bounce", blames_domain=True)
CLOSED = Outcome(12, blames_provider=True, opens_after=3)
# Nobody knows whether it took the letter: a server that does so for ever gets it no oftener.
HUNG_UP = Outcome(12, blames_provider=True, opens_after=3, always_counts=True)
TROUBLED = Outcome(12, blames_provider=True)
AWAY = Outcome(12, blames_provider=True, opens_after=1)
EVERYBODY = Outcome(12, "rejected", blames_provider=True, opens_after=1)
REFUSED = Outcome(2, "rejected", blames_provider=True)
UNWRITTEN = Outcome(5)

# Code and enhanced status, or the code alone and the words where a server says no status.
TABLE = (
    (r"5.. 5\.1\.(1|2|3|6|10)\b", HARD_BOUNCE),
    (r"5.. 5\.2\.1\b", HARD_BOUNCE),
    (r"(521|556)\b", HARD_BOUNCE),
    (r"5.. 5\.2\.", BOUNCE),
    (r"5.. 5\.1\.[04]\b", BOUNCE),
    (r"552\b", BOUNCE),
    (r"(454|530|534|535|538)\b", EVERYBODY),
    (r"4.. 4\.7\.", BUSY),
    (r"4..\b.*(too many|too fast|\brate|throttl)", BUSY),
    (r"4.. 4\.2\.", SOFT_BOUNCE),
    (r"421\b", CLOSED),
    (r"4.. 4\.3\.", TROUBLED),
    (r"4..\b", RETRY),
    (r"5..\b", REFUSED),
)
_table = [(re.compile(pattern, re.IGNORECASE | re.DOTALL), it) for pattern, it in TABLE]
CLOSING = 421  # whoever says it hangs up (RFC 5321, 3.8)
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=6)


def outcome(*, code: int, text: str, is_about_us: bool = False) -> Outcome:
    """Return what this reply means; no reply at all (0) is a line that was hung up.

    `is_about_us`: it was said before the reader was named, so whatever it says is not about them.
    """
    said = f"{code} {text}"
    found = next((it for pattern, it in _table if pattern.match(said)), HUNG_UP)
    if is_about_us and not found.blames_provider:
        return REFUSED if code >= 500 else CLOSED
    return found


def status(*, text: str) -> str:
    """Return the enhanced status that a reply begins with, if it does."""
    found = STATUS.match(text)
    return found[0] if found else ""


def wait(*, attempts: int) -> timedelta:
    """Return how long to leave a mail alone after so many tries: twice as long after each."""
    longest: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return longest * random.uniform(0.75, 1)  # noqa: S311 - spreads retries, guards nothing
