"""What is wrong with a text, in words for the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext


@dataclass(frozen=True)
class Fault:
    """One fault: in which part of the text, on which of its lines, and what to do about it."""

    part: str
    line: int
    sentence: str

    def __str__(self) -> str:
        if self.part == "subject":
            return self.sentence
        return gettext("Line %(line)s: %(sentence)s") % {
            "line": self.line,
            "sentence": self.sentence,
        }


class Refused(ValueError):
    """The text can't be sent as it stands. All its faults are named at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults), key=lambda fault: (fault.part != "subject", fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def suggestion(typed: str, known: Iterable[str]) -> str:
    """Return a sentence that names what was probably meant, or all there is to choose from."""
    known = list(known)
    if near := get_close_matches(typed.strip().lower(), known, n=1, cutoff=0.5):
        return gettext("Did you mean {%(field)s}?") % {"field": near[0]}
    names = ", ".join(f"{{{name}}}" for name in known)
    return gettext("There are: %(fields)s.") % {"fields": names}
