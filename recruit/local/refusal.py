"""Why ./run or ./test can't go on: one sentence that says what to do."""

import errno

SPACE = "The disk is full: free some space (a first start needs about 700 MB) and try again."


class Refusal(Exception):  # an answer to a person, not a fault
    """Shown to the person as it is, without a traceback."""


def of_system(error: OSError) -> Refusal:
    """The sentence for what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(SPACE)
    where = error.filename or "a file"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Refusal(
            f"{where} can't be written: give this account the right to write there,"
            " or use a checkout of your own."
        )
    return Refusal(f"{where}: {error.strerror}. Put that right and try again.")


def of_log(log: str) -> Refusal | None:
    """The sentence for a reason that is recognised in a program's output."""
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return Refusal(SPACE)
    return None
