"""What several forms of the portal ask for."""

from typing import Any

from django import forms


class Line(forms.CharField):
    """A text of one line, as browsers send it from such a field, and as a letter may say it.

    Anybody can have a letter of ours say the name of their organisation to anyone: it must not
    become a paragraph of its own there.
    """

    def to_python(self, value: Any) -> Any:
        return " ".join((super().to_python(value) or "").split())
