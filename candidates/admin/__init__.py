"""The admin of RFS staff: the desk, the leads, and what is kept about them."""

from candidates.admin import leads, mails, settling, sharing

__all__ = ["leads", "mails", "settling", "sharing"]
