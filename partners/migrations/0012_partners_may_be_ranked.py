import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0011_keep_the_longest_code")]

    operations = [
        migrations.AddField(
            model_name="partner",
            name="joined_ranking_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="takes part in the ranking since"
            ),
        ),
        migrations.AlterField(
            model_name="tally",
            name="partner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tallies",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
    ]
