"""Fields that say what to do when an answer can't be used, and that are cheap to copy.

Django copies every field into every form, with each validator, message and choice. Ours never
change after import, so a copy shares them and gets a widget of its own, for what is set on it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates import letters

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Words: TypeAlias = "str | StrPromise"


T = TypeVar("T")


def shallow(original: T) -> T:
    """Do what copy.copy does, in a third of its time."""
    twin = object.__new__(type(original))
    twin.__dict__.update(original.__dict__)
    return twin


class CheapToCopy(forms.Field):
    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = shallow(self)
        twin.widget = shallow(self.widget)
        twin.widget.attrs = self.widget.attrs.copy()
        return twin


class Text(CheapToCopy, forms.CharField):
    def __init__(self, *, error: Words, widget: forms.Widget | None = None, **options: Any) -> None:
        super().__init__(widget=widget or forms.TextInput(), **options)
        self.error_messages |= {"required": error, "invalid": error}
        self.error_messages["max_length"] = _("Shorten this to %(limit_value)d characters.")

    def to_python(self, value: Any) -> str:
        """Count a new line as one character, as browsers do, though they send two."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Name(Text):
    """A name of one line that can be seen: on lists it is what a colleague presses."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        name = typed if "\0" in typed else letters.seen(typed)  # that is refused in words
        return name if any(it.isalnum() for it in name) else ""


class Email(Text, forms.EmailField):
    """An address; checked by Django's own validator."""


class RadioCards(forms.RadioSelect):
    """Radio buttons as cards, some with one line that explains the choice."""

    explanations: Mapping[str, Words] = {}

    def create_option(self, name: str, value: Any, *rest: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *rest, **options)
        return option | {"explanation": self.explanations.get(value, "")}


class Cards(CheapToCopy, forms.ChoiceField):
    def __init__(
        self, *, error: Words, explanations: Mapping[str, Words] | None = None, **options: Any
    ) -> None:
        widget = RadioCards()
        widget.explanations = explanations or {}
        super().__init__(widget=widget, **options)
        self.error_messages |= {"required": error, "invalid_choice": error}


class Tick(CheapToCopy, forms.BooleanField):
    def __init__(self, *, error: Words = "", **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["required"] = error
