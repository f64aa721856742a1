"""The admin of partners, drives and people who log in; the ledger and its totals, to read."""

from partners.admin import accounts, applications, drives, holds, joining, ledger, organisations

__all__ = ["accounts", "applications", "drives", "holds", "joining", "ledger", "organisations"]
