"""Pages for partners and for everyone."""
