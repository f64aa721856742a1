"""What providers, mail servers and readers tell us of mail: written down once, and acted upon."""

from candidates.events.recording import record

__all__ = ["record"]
