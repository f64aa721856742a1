"""Pages of a long list: what is counted stops at a limit, and rare rows are found by their keys."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to its limit, and ends there: what lies beyond is reached by a filter.

    The keys found by counting give the page when they are all there are: ordering a handful is
    nothing, while walking a million leads, newest first, in search of them took 0.8 s.
    """

    object_list: QuerySet[Any]

    @property
    def limit(self) -> int:
        return 1_000

    @cached_property
    def keys(self) -> list[Any]:
        rows = self.object_list.order_by().values_list("pk", flat=True)
        return list(rows[: self.limit + 1])

    @property
    def is_capped(self) -> bool:
        return len(self.keys) > self.limit

    @cached_property
    def count(self) -> int:
        return min(len(self.keys), self.limit)

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        rows = self.object_list
        if not self.is_capped:
            rows = self.object_list.filter(pk__in=self.keys)
        begin = (number - 1) * self.per_page
        return Page(rows[begin : min(begin + self.per_page, self.count)], number, self)
