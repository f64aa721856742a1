"""Pages of leads end where the desk stops counting, and so does what is done to many at once."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from candidates import desk
from candidates.models import Candidate
from partners.admin import pages


class CappedPaginator(pages.CappedPaginator):
    @property
    def limit(self) -> int:
        return desk.COUNTED_UP_TO


def chosen(request: HttpRequest, rows: QuerySet[Candidate]) -> list[UUID]:
    """Return whom somebody chose from the list; nobody, and a word of it, where it is too many."""
    ids = list(rows.order_by().values_list("pk", flat=True)[: desk.COUNTED_UP_TO + 1])
    if len(ids) <= desk.COUNTED_UP_TO:
        return ids
    text = _("These are more than %(limit)s leads. Narrow the list with a filter first.")
    messages.error(request, text % {"limit": f"{desk.COUNTED_UP_TO:,}"})
    return []
