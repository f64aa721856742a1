"""The candidates application, and the admin site that opens on its desk."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class CandidatesConfig(AppConfig):
    name = "candidates"
    verbose_name = _("People and mail")


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin; its site is ours. Named in INSTALLED_APPS, never found by default."""

    default = False
    default_site = "candidates.admin_site.DeskSite"
