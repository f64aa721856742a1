"""A fold that is locked against the threads of its own process only, and takes a while."""

import os

from partners.milestones import folding

folding.FOLD_LOCK = os.getpid()
folding.FOLD = folding.FOLD.replace("FROM batch", "FROM (SELECT pg_sleep(3)) AS while_, batch")
assert "pg_sleep" in folding.FOLD
