"""Addresses without a language: links that are shared, numbers for programs."""

from django.urls import path

from partners.views import drives, embed, public, redirect, sharing

urlpatterns = [
    path("r/<path:code>", redirect.redirect, name="redirect"),
    path("embed.js", embed.script, name="embed-script"),
    path("totals.json", public.totals_json, name="totals"),
    path("drives/<slug:name>/totals.json", drives.totals_json, name="drive-totals"),
    path("badge.svg", sharing.badge, name="badge"),
    path("badge/<str:code>.svg", sharing.badge, name="partner-badge"),
    path("drives/<slug:name>/badge.svg", sharing.badge, name="drive-badge"),
    path("share.png", sharing.picture, name="picture"),
    path("share/<str:code>.png", sharing.picture, name="partner-picture"),
    path("drives/<slug:name>/share.png", sharing.picture, name="drive-picture"),
    path("healthz", public.healthz, name="healthz"),
]
