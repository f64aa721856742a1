"""Webhooks about leads: which events, and what is said of a person at the moment of telling."""

from candidates.hooks.planning import plan
from candidates.hooks.telling import sweep

__all__ = ["plan", "sweep"]
