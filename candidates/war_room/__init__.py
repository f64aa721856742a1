"""The day as staff steer it: what is wrong first, then how it goes against plan and last time."""

from candidates.war_room.looking import WarRoom, look
from candidates.war_room.troubles import Trouble

__all__ = ["Trouble", "WarRoom", "look"]
