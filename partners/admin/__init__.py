"""The admin of partners, drives and people who log in; the ledger and its totals, to read."""

from partners.admin import accounts, drives, holds, ledger, organisations

__all__ = ["accounts", "drives", "holds", "ledger", "organisations"]
