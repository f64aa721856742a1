"""Turning off the second step of a colleague who lost the app: by a superuser, with a reason.

What django-otp would show in the admin are secrets, so none of its tables is shown.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from partners import second_step
from partners.models import User

admin.site.unregister([StaticDevice, TOTPDevice])


class ResetForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("How you made sure who asks. It is kept in the history of this person."),
        widget=forms.Textarea({"rows": 3}),
    )


class SecondStepMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Only of others: whoever has lost nothing turns it off in the account, with a code."""

    change_form_template = "admin/partners/user/user.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.second_step_view)
        name = "partners_user_second_step"
        return [path("<int:user_id>/second-step/", view, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may_reset = _may_reset(request) and object_id != str(request.user.pk)
        context = (extra_context or {}) | {"may_reset": may_reset}
        return super().change_view(request, object_id, form_url, context)

    def second_step_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        if not _may_reset(request) or user_id == request.user.pk:
            raise PermissionDenied
        person = get_object_or_404(User, pk=user_id)
        if not person.second_step_at:
            raise Http404
        form = ResetForm(request.POST or None)
        if form.is_valid():
            return self._reset(request, person, form.cleaned_data["reason"])
        title = gettext("Turn off the second step?")
        context = {"opts": self.opts, "title": title, "person": person, "form": form}
        whole = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "admin/partners/user/second_step.html", whole)

    def _reset(self, request: HttpRequest, person: User, reason: str) -> HttpResponse:
        second_step.reset(user=person, now=timezone.now())
        told = gettext("Second step turned off: %(reason)s") % {"reason": reason}
        self.log_change(request, person, told)
        text = gettext("The second step of %(person)s is off. A letter says so.")
        messages.success(request, text % {"person": person})
        return HttpResponseRedirect(reverse("admin:partners_user_change", args=[person.pk]))


def _may_reset(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser
