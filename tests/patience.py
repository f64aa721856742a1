"""Until when what has a deadline of a second or two must have ended, on a machine with no time.

Below the deadlines that hold outside the tests, ten seconds and more, and far below what their
servers would take if they were let.
"""

IN_TIME = 8
