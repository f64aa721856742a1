"""What came in each minute is kept, so that the big screen can show a day of any number of people."""

import django.db.models.deletion
from django.db import migrations, models

# The lock of the fold: none may come between the look and the sums.
FILL = """
SELECT pg_advisory_xact_lock(7314001);
INSERT INTO partners_minutetally (drive_id, kind, minute_at, value)
SELECT drive_id, counts_as, date_trunc('minute', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', sum(amount)
FROM partners_credit WHERE counted_at IS NOT NULL GROUP BY 1, 2, 3;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0028_keep_each_attempt_of_a_webhook'),
    ]

    operations = [
        migrations.AlterField(
            model_name='drifted',
            name='sums',
            field=models.CharField(choices=[('tally', 'hour of a link'), ('total', 'link in all'), ('state', 'day of a state'), ('breakdown', 'breakdown of a partner'), ('minute', 'minute')], max_length=9, verbose_name='what it is'),
        ),
        migrations.CreateModel(
            name='MinuteTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('signed_up', 'signed up'), ('confirmed', 'confirmed'), ('call_attended', 'attended a call'), ('screened', 'screened'), ('filed', 'filed'), ('endorsed', 'endorsed'), ('voided', 'voided'), ('reassigned', 'reassigned')], max_length=13, verbose_name='kind')),
                ('minute_at', models.DateTimeField(verbose_name='minute')),
                ('value', models.IntegerField(default=0, verbose_name='value')),
                ('drive', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.drive', verbose_name='drive')),
            ],
            options={
                'verbose_name': 'tally of a minute',
                'verbose_name_plural': 'tallies of minutes',
                'constraints': [models.UniqueConstraint(fields=('drive', 'kind', 'minute_at'), name='minute_tally_once')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
