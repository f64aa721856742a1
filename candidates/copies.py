"""Copies of mails as they were sent, for staff to read: a copy can do nothing."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from candidates import keys, letters, outbox
from candidates.models import FollowUp
from partners import credits

# Our own HTML: each address is quoted and escaped (candidates.wording.sheets, the templates).
ADDRESS: Final = re.compile(r'(<a\b[^>]*?) href="[^"]*"')
STRUCK: Final = "…"


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail without what its reader alone may hold: the keys in its links, and the links."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    styles: str


def copy(*, followup: FollowUp) -> Copy:
    """Write the words of this mail once more: `followup.text`, with what is known of them today.

    Raises letters.NoWords. Three queries: whom they are credited to, and how they came.
    """
    candidate = followup.candidate
    partners = credits.partners_of(candidate_uuids=[candidate.pk])
    letter = letters.write(followup=followup, partner=partners.get(candidate.pk))
    html = next(str(content) for content, kind in letter.alternatives if kind == "text/html")
    html = ADDRESS.sub(r"\1", _without_keys(html, candidate.pk))
    html, styles = outbox.without_inline_styles(html)
    text = _without_keys(str(letter.body), candidate.pk)
    return Copy(letter.to[0], letter.from_email, str(letter.subject), text, html, styles)


def _without_keys(words: str, candidate_id: UUID) -> str:
    for purpose in letters.PURPOSES:
        words = words.replace(keys.make(purpose=purpose, candidate_id=candidate_id), STRUCK)
    return words
