"""Addresses without a language: links that are shared, numbers for programs."""

from django.urls import path

from partners.views import public, redirect

urlpatterns = [
    path("r/<path:code>", redirect.redirect, name="redirect"),
    path("totals.json", public.totals_json, name="totals"),
    path("healthz", public.healthz, name="healthz"),
]
