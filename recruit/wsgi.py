"""The web entry that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from recruit.bodies import bounded
from recruit.charset import in_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recruit.settings")
# A person waits for the answer; a migration or a command may take its time.
os.environ.setdefault("STATEMENT_SECONDS", "8")

application = bounded(in_utf8(get_wsgi_application()))
