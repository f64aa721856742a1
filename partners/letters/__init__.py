"""Letters to the people of partners: owed as rows, sent by a sweep.

`owe` in the transaction that gives the reason; `sweep` on a mail worker, again and again.
"""

from partners.letters.owing import owe, owe_again, owe_all
from partners.letters.sending import sweep

__all__ = ["owe", "owe_again", "owe_all", "sweep"]
