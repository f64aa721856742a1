"""Forms that were open while somebody else saved: they say so, and undo nothing unasked."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _

BEGAN = "began"


class BegunField(forms.CharField):
    """What stood there is no answer of anybody's."""

    widget = forms.HiddenInput

    def has_changed(self, *_values: Any) -> bool:
        return False


class BegunForm(forms.ModelForm):  # type: ignore[type-arg]
    """Is refused where it would undo what somebody saved after this page was opened.

    `began` is what the page showed then. Sent once more, the form holds: they know what changed.
    """

    began = BegunField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {name: self.initial.get(name) for name in self.fields if name != BEGAN}
        self.initial[BEGAN] = json.dumps(named, default=str) if self.instance.pk else ""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if undone := list(self._undone()):
            self.add_error(
                None,
                _(
                    "Somebody saved this while the page was open, and yours would undo it:"
                    " %(changes)s. Yours is still here, and not saved. Save once more to put it in"
                    " place of theirs."
                )
                % {"changes": "; ".join(undone)},
            )
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix(BEGAN)] = self.initial[BEGAN]  # type: ignore[index]
        return given

    def _undone(self) -> Iterator[str]:
        before, now = _read(self.data.get(self.add_prefix(BEGAN))), _read(self.initial[BEGAN])
        for name in now:
            if name in before and before[name] != now[name] and name in self.changed_data:
                words = (self.fields[name].label, *map(self._shown, (name, name), (before, now)))
                yield "{}: {} → {}".format(*words)

    def _shown(self, name: str, values: dict[str, Any]) -> str:
        names = {str(key): label for key, label in getattr(self.fields[name], "choices", ())}
        value = values[name]
        return "–" if value in (None, "") else str(names.get(str(value), value))


def _read(line: str | None) -> dict[str, Any]:
    try:
        found = json.loads(line or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
