"""Every address: machines at the root, people under their language."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

handler500 = "recruit.away.trouble"

urlpatterns = [
    path("", include(("partners.machine_urls", "machines"))),
    *i18n_patterns(
        path("", include("candidates.urls")),
        path("", include("partners.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]

if settings.IS_DEMO:
    urlpatterns += [path("outbox/", include("candidates.outbox_urls"))]
