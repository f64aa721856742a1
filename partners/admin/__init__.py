"""The admin of partners, drives and people who log in; the ledger and its totals, to read."""

from partners.admin import (
    accounts,
    applications,
    deliveries,
    drives,
    holds,
    hooks,
    joining,
    ledger,
    organisations,
    recounts,
    rehearsals,
)

__all__ = [
    "accounts",
    "applications",
    "deliveries",
    "drives",
    "holds",
    "hooks",
    "joining",
    "ledger",
    "organisations",
    "recounts",
    "rehearsals",
]
