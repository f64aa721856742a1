"""One e-mail to many, once: drafted, counted, released by a second person, paused, stopped."""

from candidates.broadcasts.audiences import Audience, Count
from candidates.broadcasts.drafting import (
    AlreadyReleased,
    Stopped,
    count,
    draft,
    rewrite,
    say,
    settings_of,
)
from candidates.broadcasts.releasing import (
    CountMoved,
    NeedsSecondPerson,
    Nobody,
    NotCounted,
    NothingToSay,
    NotSeen,
    is_of,
    release,
)
from candidates.broadcasts.running import pause, resume, stop
from candidates.broadcasts.watching import Progress, Standing, progress, standing

__all__ = [
    "AlreadyReleased",
    "Audience",
    "Count",
    "CountMoved",
    "NeedsSecondPerson",
    "Nobody",
    "NotCounted",
    "NotSeen",
    "NothingToSay",
    "Progress",
    "Standing",
    "Stopped",
    "count",
    "draft",
    "is_of",
    "pause",
    "progress",
    "release",
    "resume",
    "rewrite",
    "say",
    "settings_of",
    "standing",
    "stop",
]
