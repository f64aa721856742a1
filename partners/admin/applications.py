"""Organisations that want to become partners: read, then approved or declined by a button."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners import applications
from partners.admin.moments import HasCome
from partners.admin.readonly import ReadOnlyAdmin
from partners.models import Application, User


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    list_display = (
        "organisation", "contact", "address", "expected_sign_ups", "applied_at", "decided_at",
        "partner",
    )  # fmt: skip
    # Words of their own for what the form for organisations calls "your name", "your e-mail".
    fields = (
        "organisation", "contact", "address", "website", "expected_sign_ups", "language",
        "agreed_wording", "applied_at", "decided_at", "decided_by", "partner",
    )  # fmt: skip
    readonly_fields = ("contact", "address")
    list_filter = (("decided_at", HasCome),)
    list_select_related = ("partner",)
    search_fields = ("organisation", "contact_email")
    # Whoever waits comes first, and of them who waits longest.
    ordering = (models.F("decided_at").desc(nulls_first=True), "applied_at", "id")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    change_form_template = "admin/partners/application/application.html"

    @admin.display(description=_("contact"))
    def contact(self, application: Application) -> str:
        return application.contact_name

    @admin.display(description=_("e-mail"))
    def address(self, application: Application) -> str:
        return application.contact_email

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        approve, decline = wrap(self.approve_view), wrap(self.decline_view)
        return [
            path("<int:application_id>/approve/", approve, name="partners_application_approve"),
            path("<int:application_id>/decline/", decline, name="partners_application_decline"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = (extra_context or {}) | {"may_decide": self._may_decide(request)}
        return super().change_view(request, object_id, form_url, context)

    def _may_decide(self, request: HttpRequest) -> bool:
        """Deciding is a change, though no field of an application is ever edited by hand."""
        return request.user.has_perm("partners.change_application")

    def approve_view(self, request: HttpRequest, application_id: int) -> HttpResponse:
        """Ask, and when told to make the partner and invite its first manager."""
        user, application = self._enter(request, application_id)
        if request.method != "POST":
            return self._ask(
                request, application, gettext("Approve this application?"), verb="approve"
            )
        try:
            partner = applications.approve(
                application_id=application.pk, by=user, now=timezone.now()
            )
        except applications.AlreadyDecided:
            self._say_decided(request)
        except applications.NameTaken:
            messages.error(
                request, gettext("Another partner has this name. Settle first which of them it is.")
            )
        else:
            text = gettext(
                "%(partner)s is a partner now. The invitation to %(email)s is on its way."
            )
            words = {"partner": partner, "email": application.contact_email}
            messages.success(request, text % words)
        return self._back(application)

    def decline_view(self, request: HttpRequest, application_id: int) -> HttpResponse:
        """Ask, and when told to say no by a letter."""
        user, application = self._enter(request, application_id)
        if request.method != "POST":
            return self._ask(
                request, application, gettext("Decline this application?"), verb="decline"
            )
        try:
            applications.decline(application_id=application.pk, by=user, now=timezone.now())
        except applications.AlreadyDecided:
            self._say_decided(request)
        else:
            text = gettext("Declined. The letter to %(email)s is on its way.")
            messages.success(request, text % {"email": application.contact_email})
        return self._back(application)

    def _enter(self, request: HttpRequest, application_id: int) -> tuple[User, Application]:
        if not isinstance(request.user, User) or not self._may_decide(request):
            raise PermissionDenied
        return request.user, get_object_or_404(Application, pk=application_id)

    def _ask(
        self, request: HttpRequest, application: Application, title: str, *, verb: str
    ) -> HttpResponse:
        if application.decided_at:
            self._say_decided(request)
            return self._back(application)
        context = {"opts": self.opts, "title": title, "application": application, "verb": verb}
        whole = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "admin/partners/application/decide.html", whole)

    def _say_decided(self, request: HttpRequest) -> None:
        messages.warning(
            request, gettext("This application was decided before. Nothing was changed.")
        )

    def _back(self, application: Application) -> HttpResponse:
        address = reverse("admin:partners_application_change", args=[application.pk])
        return HttpResponseRedirect(address)
