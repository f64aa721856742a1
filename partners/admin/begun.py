"""Pages of the admin that know what they showed when they were opened."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from partners.begun import BEGAN, BegunForm


class BegunMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = BegunForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        """Carry it along, unseen, where something can be saved."""
        (title, first), *others = super().get_fieldsets(request, obj)
        asked = [it for it in first["fields"] if it != BEGAN]
        if obj and self.has_change_permission(request, obj):
            asked.append(BEGAN)
        return [(title, {**first, "fields": asked}), *others]
