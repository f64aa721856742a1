"""A rehearsal: this program once more, in processes of its own on a schema of its own.

Nothing here filters: whoever serves the real day has no way to the schema of the rehearsal, and
whoever serves the rehearsal has none to the real one. docs/rehearsal.md tells the whole story.
"""
