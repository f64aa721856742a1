"""Addresses of the partner portal."""

from django.contrib.auth.views import LoginView
from django.urls import path

urlpatterns = [path("log-in/", LoginView.as_view(), name="log-in")]
