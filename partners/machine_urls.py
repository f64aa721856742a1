"""Addresses without a language: links that are shared, numbers for programs."""

from django.urls import path

from partners.views import drives, embed, public, redirect

urlpatterns = [
    path("r/<path:code>", redirect.redirect, name="redirect"),
    path("embed.js", embed.script, name="embed-script"),
    path("totals.json", public.totals_json, name="totals"),
    path("drives/<slug:name>/totals.json", drives.totals_json, name="drive-totals"),
    path("healthz", public.healthz, name="healthz"),
]
