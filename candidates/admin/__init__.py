"""The admin of RFS staff: the desk, the leads, and what is kept about them."""

from candidates.admin import broadcasts, leads, mails, sequences, settling, sharing

__all__ = ["broadcasts", "leads", "mails", "sequences", "settling", "sharing"]
