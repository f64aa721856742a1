"""One lead's whole story, newest last: what came in, what we sent, and who did what when."""

from candidates.story.events import Event
from candidates.story.telling import tell

__all__ = ["Event", "tell"]
