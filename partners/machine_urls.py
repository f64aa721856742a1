"""Addresses without a language: links that are shared, numbers for programs."""

from django.urls import path

from partners.views import embed, public, redirect

urlpatterns = [
    path("r/<path:code>", redirect.redirect, name="redirect"),
    path("embed.js", embed.script, name="embed-script"),
    path("totals.json", public.totals_json, name="totals"),
    path("healthz", public.healthz, name="healthz"),
]
