"""The bare views at the place of ours: before the middleware that only pages for people need."""

from django.urls import path
from floor_urls import numbers, redirect

from partners.machine_urls import urlpatterns as ours

urlpatterns = [path("early/r/<path:code>", redirect), path("early/numbers", numbers), *ours]
