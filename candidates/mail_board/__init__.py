"""The mail of all leads at a glance: what is wrong now, and what went through each hour."""

from candidates.mail_board.looking import Board, look
from candidates.mail_board.standing import LaneStanding, Standing, standing

__all__ = ["Board", "LaneStanding", "Standing", "look", "standing"]
