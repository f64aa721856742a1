"""The site's addresses and the demo's outbox, which the tests' own mode leaves out."""

from django.urls import include, path

from recruit.urls import urlpatterns as of_the_site

urlpatterns = [*of_the_site, path("outbox/", include("candidates.outbox_urls"))]
