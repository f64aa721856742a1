"""Our site with the bare views beside it: the same middleware, the same settings."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recruit.settings")
settings.ROOT_URLCONF = "floor_urls"
if os.environ.get("FLOOR_WITHOUT_MIDDLEWARE"):
    settings.MIDDLEWARE = []

application = get_wsgi_application()
