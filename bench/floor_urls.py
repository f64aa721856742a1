"""What we are measured against: the least that Django can do for the same requests."""

import os
from functools import cache
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from candidates import identity
from candidates.models import Candidate
from candidates.views import sheet
from recruit.urls import urlpatterns as ours


class FloorForm(forms.ModelForm):
    """The same fields, checked the same way, as Django has it."""

    contact_consent = forms.BooleanField()

    class Meta:
        model = Candidate
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "zip_code",
            "office",
            "timeline",
            "motivation",
        )

    def clean_zip_code(self) -> str:
        zip_code, self.instance.state = identity.zip_to_state(self.cleaned_data["zip_code"])
        return zip_code

    def clean_phone(self) -> str | None:
        phone = self.cleaned_data["phone"]
        return identity.e164(phone) if phone else None


@csrf_exempt
def sign_up(request: HttpRequest) -> HttpResponse:
    form = FloorForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_json(), status=422)
    form.instance.email_canonical = identity.canonical_email(form.cleaned_data["email"])
    form.instance.language = "en"
    form.instance.signed_up_at = timezone.now()
    form.save()
    return HttpResponseRedirect("/thanks/")


@cache
def kept(name: str) -> bytes:
    return (Path(os.environ["OUTBOX_DIR"]) / name).read_bytes()


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(kept("page"))


def rendered(request: HttpRequest) -> HttpResponse:
    """The form with answers in it as crispy shows it, and nothing around it."""
    form = sheet.form(None, initial=request.GET.dict())
    return HttpResponse(sheet.html(form))


def numbers(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(kept("numbers"), content_type="application/json")


def redirect(_request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001
    return HttpResponseRedirect("/")


# Found first, and as deep as ours are: among the included patterns of an app.
bare = [
    path("r/<path:code>", redirect),
    path("numbers", numbers),
    path("page", page),
    path("rendered", rendered),
    path("sign-up", sign_up),
]
urlpatterns = [path("bare/", include((bare, "bare"))), *ours]
