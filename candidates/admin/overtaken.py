"""Settings that know with what they were begun, and say what a faster colleague changed."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.utils.dateparse import parse_duration
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

OVERTAKEN = _(
    "%(author)s saved other settings while this page was open: what changed stands below. Yours "
    "are still here, and not saved. Save them again to put them in place of theirs."
)


class Change(NamedTuple):
    """One question, and its answers when the page was opened and now."""

    label: Any
    before: Any
    now: Any


class BegunField(forms.CharField):
    """What stood there is no answer of anybody's."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class BegunForm(forms.Form):
    began = BegunField(required=False)
    changes: tuple[Change, ...] = ()

    @property
    def seen(self) -> str | None:
        """What stood there when the page was opened; None where no page was."""
        return self.cleaned_data["began"] or None

    def overtaken(self, now: str, author: object) -> None:
        """Say who was faster, with what; saved once more, these settings take their place."""
        self.changes = tuple(self._changes(_read(self.data.get("began", "")), _read(now)))
        sent: Any = self.data
        self.data = sent = sent.copy()
        sent["began"] = now
        self.add_error(None, OVERTAKEN % {"author": author or gettext("A colleague")})

    def _changes(self, before: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        for name in now:
            is_asked = name in self.fields or name == "delay"
            if is_asked and name in before and before[name] != now[name]:
                yield Change(*self._shown(name, before[name], now[name]))

    def _shown(self, name: str, *values: Any) -> Iterator[Any]:
        if name == "delay":
            yield self.fields["days"].label
            yield from (parse_duration(it) for it in values)
            return
        field = self.fields[name]
        names = {str(key): label for key, label in getattr(field, "choices", ())}
        yield field.label
        yield from (_in_words(it, names) for it in values)


def _in_words(value: Any, names: dict[str, Any]) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    listed = value if isinstance(value, list) else [value]
    said = [str(names.get(str(it), it)) for it in listed if it not in (None, "")]
    return ", ".join(said) or "–"


def _read(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
