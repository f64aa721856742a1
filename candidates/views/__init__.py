"""Pages for people who raise their hand."""
