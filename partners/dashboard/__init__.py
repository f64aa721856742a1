"""What one partner sees of a drive, from tallies alone: its cost does not grow with candidates."""

from partners.dashboard.numbers import Counts, Dashboard, Figure, Goal, LinkRow, Period
from partners.dashboard.reading import read

__all__ = ["Counts", "Dashboard", "Figure", "Goal", "LinkRow", "Period", "read"]
