"""Searches of the admin: typed by POST, kept sealed in the address of what they find."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from recruit import sealing

TYPED = forms.CharField(required=False, max_length=200)


def words(request: HttpRequest, *, name: str) -> str:
    """Return what is searched for, as it was typed; empty where nothing is."""
    return sealing.unseal(request.GET.get(name, "")) or ""


def elsewhere(request: HttpRequest, *, name: str) -> HttpResponse | None:
    """Lead from what was typed to what it finds, and away from a search that can't be read."""
    if request.method == "POST" and name in request.POST:
        try:
            return _to(request, name, TYPED.clean(request.POST[name]))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return _to(request, name, "")
    if request.GET.get(name) and not words(request, name=name):
        messages.error(request, _("This search can’t be read any more. Please type it again."))
        return _to(request, name, "")
    return None


def _to(request: HttpRequest, name: str, typed: str) -> HttpResponse:
    """The other parameters stay: filters, and the order; not the page of another search."""
    query = request.GET.copy()
    for gone in (name, PAGE_VAR):
        query.pop(gone, None)
    if typed:
        query[name] = sealing.seal(typed)
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)


class SealedForm(ChangeListSearchForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return cleaned | {SEARCH_VAR: sealing.unseal(cleaned.get(SEARCH_VAR, "")) or ""}


class SealedChangeList(ChangeList):
    search_form_class = SealedForm


class SearchingMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SealedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_see = self.has_view_or_change_permission(request)
        if may_see and (away := elsewhere(request, name=SEARCH_VAR)):
            return away
        return super().changelist_view(request, extra_context)
