"""What is only read in the admin: it is written by the software, and by nobody's hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from partners.admin.pages import CappedPaginator
from partners.admin.searching import SearchingMixin


class ReadOnlyAdmin(SearchingMixin):
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
