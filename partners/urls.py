"""Addresses of partners: the live page, the archive and the portal."""

from django.urls import include, path

from partners.views import corrections, drives, embed, public

app_name = "partners"
urlpatterns = [
    path("live/", public.live, name="live"),
    path("corrections/", corrections.corrections_page, name="corrections"),
    path("drives/", drives.drives, name="drives"),
    # Not `slug`: that is a partner's, whose pages log who of the staff looked at them.
    path("drives/<slug:name>/", drives.drive, name="drive"),
    path("embed/<str:code>/thermometer/", embed.thermometer, name="embed-thermometer"),
    path("", include("partners.portal_urls")),
]
