"""The mailbox that bounces, complaints and answers come back to where mail leaves by SMTP."""

from candidates.mailbox.fetching import sweep

__all__ = ["sweep"]
