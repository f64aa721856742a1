"""Pages of leads end where the desk stops counting."""

from candidates import desk
from partners.admin import pages


class CappedPaginator(pages.CappedPaginator):
    @property
    def limit(self) -> int:
        return desk.COUNTED_UP_TO
