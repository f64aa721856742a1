"""The Celery application: a doorbell and a clock. What is owed is always a row in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recruit.settings")

app = Celery("recruit", task_cls="recruit.rehearsal.sweeps:Sweep")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
