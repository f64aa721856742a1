"""What a story is told in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, or that is still ahead. `quote` is somebody's own words.

    `words_of` names the mail whose words as sent can be read; `failed` the one to be sent again.
    """

    at: datetime
    kind: str
    title: str
    who: str = ""
    detail: str = ""
    quote: str = ""
    is_trouble: bool = False
    is_ahead: bool = False
    words_of: UUID | None = None
    failed: UUID | None = None
