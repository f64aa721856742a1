"""Addresses of partners: the live page and the portal."""

from django.urls import include, path

from partners.views import corrections, embed, public

app_name = "partners"
urlpatterns = [
    path("live/", public.live, name="live"),
    path("corrections/", corrections.corrections_page, name="corrections"),
    path("embed/<str:code>/thermometer/", embed.thermometer, name="embed-thermometer"),
    path("", include("partners.portal_urls")),
]
