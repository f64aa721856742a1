"""Filters by whether a moment has come: there it is "Yes" or "No", not "Not empty" or "Empty"."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class HasCome(admin.EmptyFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        words = (_("All"), _("No"), _("Yes"))
        for word, choice in zip(words, super().choices(changelist), strict=True):
            yield {**choice, "display": word}
