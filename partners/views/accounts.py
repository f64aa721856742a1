"""Logging in and out, and choosing a new password by mail."""

from typing import Any

from django import forms
from django.contrib.auth import views
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView

from partners import passwords, tenancy
from partners.forms import AskForm, LogInForm


class LogIn(views.LoginView):
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Members go to their numbers, staff who belong to no partner to the admin."""
        user: Any = self.request.user
        if user.is_staff and not tenancy.own_partners(user=user):
            return reverse("admin:index")
        return reverse("partners:dashboard")


class LogOut(views.LogoutView):
    next_page = reverse_lazy("partners:log-in")


class AskForPassword(FormView):
    form_class = AskForm
    template_name = "registration/password_reset_form.html"
    success_url = reverse_lazy("partners:password-reset-sent")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            passwords.ask(email=form.cleaned_data["email"], language=get_language() or "en")
        except passwords.LetterNotOrdered:
            form.add_error(None, _("We can't send mail right now. Please try again in a minute."))
            return self.render_to_response(self.get_context_data(form=form), status=503)
        return super().form_valid(form)


class PasswordLetterSent(TemplateView):
    template_name = "registration/password_reset_done.html"


class ChoosePassword(views.PasswordResetConfirmView):
    success_url = reverse_lazy("partners:password-reset-complete")


class PasswordChosen(TemplateView):
    template_name = "registration/password_reset_complete.html"
