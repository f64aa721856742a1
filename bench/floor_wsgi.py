"""Our site as it is, or with the bare views before it: same settings, same middleware or none."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from recruit import machines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recruit.settings")
if os.environ.get("FLOOR"):
    settings.ROOT_URLCONF = "floor_urls"
    machines.URLCONF = "floor_machine_urls"
if os.environ.get("FLOOR_WITHOUT_MIDDLEWARE"):
    settings.MIDDLEWARE = []

application = get_wsgi_application()

if os.environ.get("FLOOR_WITHOUT_LEDGER"):
    from candidates import signup  # after Django was set up
    from partners import credits

    line = f"credit AS (\n    {credits.SIGN_UP_CLAUSE}\n), "
    assert line in signup.SIGN_UP
    signup.SIGN_UP = signup.SIGN_UP.replace(line, "")
