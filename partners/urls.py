"""Addresses of partners: the live page and the portal."""

from django.urls import include, path

from partners.views import public

app_name = "partners"
urlpatterns = [
    path("live/", public.live, name="live"),
    path("", include("partners.portal_urls")),
]
