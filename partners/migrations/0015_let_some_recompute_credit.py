"""A permission for the page on which staff recompute a drive's credit."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners", "0014_read_a_partners_numbers_in_one_place")]

    operations = [
        migrations.AlterModelOptions(
            name="drive",
            options={
                "permissions": [("recompute_credit", "Can recompute the credit of a drive")],
                "verbose_name": "drive",
                "verbose_name_plural": "drives",
            },
        ),
    ]
