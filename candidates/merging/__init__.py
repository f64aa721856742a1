"""One person who raised a hand twice, with two addresses: both rows stay, one of them counts.

Nothing of either is overwritten. What the other agreed to stays agreed, with whom it was agreed;
its address still tells who it is, should it be typed again. Who said no under either address said
no: docs/merging.md has the rules.
"""

from candidates.merging.uniting import NotMerged, merge, part

__all__ = ["NotMerged", "merge", "part"]
