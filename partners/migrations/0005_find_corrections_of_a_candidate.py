"""One candidate's whole ledger is found by index: the unique one has all but the corrections."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_find_the_last_hour")]

    operations = [
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                fields=["candidate_uuid"],
                condition=Q(kind__in=["voided", "reassigned"]),
                name="credit_corrections",
            ),
        ),
    ]
