"""Logging in and out, and choosing a new password by mail."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods
from django.views.generic import TemplateView

from partners import passwords, tenancy, throttling
from partners.forms import AskForm, LogInForm
from partners.password_forms import ChooseForm
from partners.views.keeping import FIELD, ask_again
from partners.views.letting_in import let_in
from partners.views.throttling import count


class LogIn(views.LoginView):
    authentication_form: type[AuthenticationForm] = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        to = self.get_redirect_url() or self.home_of(user)
        return let_in(self.request, user, to=to, kept=self.kept)

    @property
    def kept(self) -> str:
        return str(self.request.POST.get(FIELD, ""))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """From a page that carries something one comes back here by a POST without a password."""
        if self.kept and "username" not in request.POST:
            return ask_again(request, self.kept)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, kept=self.kept)

    def get_default_redirect_url(self) -> str:
        return self.home_of(self.request.user)

    def home_of(self, user: Any) -> str:
        """Members go to their numbers, staff who belong to no partner to the admin."""
        if user.is_staff and not tenancy.own_partners(user=user):
            return reverse("admin:index")
        return reverse("partners:dashboard")


class LogOut(views.LogoutView):
    """Afterwards: LOGOUT_REDIRECT_URL."""


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_password(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST or None)
    if not form.is_valid():
        return render(request, "registration/password_reset_form.html", {"form": form})
    email = form.cleaned_data["email"]
    count(request, door="new-password", limit=throttling.LETTER, account=email)
    passwords.ask(email=email, language=get_language() or "en", now=timezone.now())
    return redirect("partners:password-reset-sent")


class PasswordLetterSent(TemplateView):
    template_name = "registration/password_reset_done.html"


class ChoosePassword(views.PasswordResetConfirmView):
    form_class = ChooseForm
    success_url = reverse_lazy("partners:password-reset-complete")


class PasswordChosen(TemplateView):
    template_name = "registration/password_reset_complete.html"
