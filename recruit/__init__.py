"""Wiring only: settings, addresses, Celery, the web entry and the one-command start."""

from recruit.celery import app as celery_app

__all__ = ["celery_app"]
