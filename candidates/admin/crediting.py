"""Pages on which staff repair unknown codes and correct the credit of one lead."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates import crediting
from candidates.admin.forms import LinkForm
from partners.models import ReferralLink, User

CODES_ON_A_PAGE = 50
TAKEN = _(
    "Another link has this code by now. Choose that one, or correct the credit of these leads one "
    "by one."
)


class CodesMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The codes nobody knows, and for each a page to say which link was meant."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("codes/", wrap(self.codes_view), name="candidates_candidate_codes"),
            path("codes/<int:touch_id>/", wrap(self.code_view), name="candidates_candidate_code"),
            *super().get_urls(),
        ]

    def _staff(self, request: HttpRequest) -> User:
        if isinstance(request.user, User) and self.has_change_permission(request):
            return request.user
        raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/candidates/credit/{name}.html", whole)

    def codes_view(self, request: HttpRequest) -> HttpResponse:
        self._staff(request)
        page = Paginator(crediting.unknown(), CODES_ON_A_PAGE).get_page(request.GET.get("p"))
        likely = crediting.suggest(codes=[it.code for it in page])
        rows = [(it, likely[it.code]) for it in page]
        return self._page(
            request, "codes", {"title": _("Unknown codes"), "page": page, "rows": rows}
        )

    def code_view(self, request: HttpRequest, touch_id: int) -> HttpResponse:
        """Ask which link was meant, show what that would do, and do it when told to."""
        user = self._staff(request)
        code = crediting.code_of(touch_id=touch_id)
        if not code:
            messages.warning(request, _("This code is no longer unknown."))
            return HttpResponseRedirect(reverse("admin:candidates_candidate_codes"))
        posted = request.method == "POST"
        form = LinkForm(request.POST if posted else request.GET)
        link = form.cleaned_data["link"] if form.is_valid() else None
        if posted and link:
            return self._repair(request, code, link, user)
        return self._page(request, "code", self._asked(request, code, link, user))

    def _asked(
        self, request: HttpRequest, code: str, link: ReferralLink | None, user: User
    ) -> dict[str, Any]:
        term = request.GET.get("find", "")
        looked = link and self._look(request, code, link, user)
        return {
            "title": _("Which link was meant?"),
            "code": code,
            "term": term,
            "found": crediting.find_links(term=term),
            "suggestions": crediting.suggest(codes=[code])[code],
            "link": looked and link,
            "preview": looked,
        }

    def _look(
        self, request: HttpRequest, code: str, link: ReferralLink, user: User
    ) -> crediting.Preview | None:
        try:
            return crediting.preview(code=code, link=link, author=user, now=timezone.now())
        except crediting.CodeTaken:
            messages.error(request, TAKEN)
            return None

    def _repair(
        self, request: HttpRequest, code: str, link: ReferralLink, user: User
    ) -> HttpResponse:
        try:
            did = crediting.repair(code=code, link=link, author=user, now=timezone.now())
        except crediting.CodeTaken:
            messages.error(request, TAKEN)
        else:
            text = ngettext(
                "“%(code)s” leads to %(link)s now. %(count)s person is credited anew.",
                "“%(code)s” leads to %(link)s now. %(count)s people are credited anew.",
                did.moved,
            )
            words = {"code": code, "link": link, "count": f"{did.moved:,}"}
            messages.success(request, text % words)
        return HttpResponseRedirect(reverse("admin:candidates_candidate_codes"))
