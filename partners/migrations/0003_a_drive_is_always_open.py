"""Open a drive that never closes, so that every sign-up has one to be credited to."""

import datetime

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def open_drive(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("partners", "Drive").objects.get_or_create(
        slug="every-day",
        defaults={
            "name": "Every day",
            "day_on": datetime.date(2017, 11, 14),
            "opens_at": datetime.datetime(2017, 1, 1, tzinfo=datetime.timezone.utc),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_ledger_is_append_only")]

    operations = [migrations.RunPython(open_drive, migrations.RunPython.noop)]
