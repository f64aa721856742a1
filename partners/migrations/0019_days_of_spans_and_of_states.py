"""A drive's day may last several days, or be everyone's own; what each state brought is kept."""

import django.db.models.deletion
from django.db import migrations, models

# The lock of the fold: none may come between the look and the sums.
FILL = """
SELECT pg_advisory_xact_lock(7314001);
INSERT INTO partners_statetally (drive_id, kind, state, day_on, value)
SELECT drive_id, counts_as, state, (at AT TIME ZONE drive.time_zone)::date, sum(amount)
FROM partners_credit JOIN partners_drive AS drive ON drive.id = drive_id
WHERE counted_at IS NOT NULL GROUP BY 1, 2, 3, 4;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0018_keep_the_ways_of_all_mail'),
    ]

    operations = [
        migrations.CreateModel(
            name='StateTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('signed_up', 'signed up'), ('confirmed', 'confirmed'), ('call_attended', 'attended a call'), ('screened', 'screened'), ('filed', 'filed'), ('endorsed', 'endorsed'), ('voided', 'voided'), ('reassigned', 'reassigned')], max_length=13, verbose_name='kind')),
                ('state', models.CharField(blank=True, max_length=2, verbose_name='state')),
                ('day_on', models.DateField(verbose_name='day')),
                ('value', models.IntegerField(default=0, verbose_name='value')),
            ],
            options={
                'verbose_name': 'tally of a state',
                'verbose_name_plural': 'tallies of states',
            },
        ),
        migrations.AddField(
            model_name='drive',
            name='is_local_day',
            field=models.BooleanField(db_default=models.Value(value=False), default=False, help_text="The day is counted by the clock of each person's state: 23:30 in California is still that day. Otherwise everyone's day is the one in the drive's time zone.", verbose_name="everyone's own day"),
        ),
        migrations.AddField(
            model_name='drive',
            name='last_day_on',
            field=models.DateField(blank=True, help_text="Empty: the drive's day is one day. All its days are counted as one.", null=True, verbose_name='the last day'),
        ),
        migrations.AddConstraint(
            model_name='drive',
            constraint=models.CheckConstraint(condition=models.Q(('last_day_on', None), ('last_day_on__gte', models.F('day_on')), _connector='OR'), name='drive_ends_no_earlier_than_it_begins', violation_error_message="The last day can't be before the first."),
        ),
        migrations.AddField(
            model_name='statetally',
            name='drive',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.drive', verbose_name='drive'),
        ),
        migrations.AddConstraint(
            model_name='statetally',
            constraint=models.UniqueConstraint(fields=('drive', 'kind', 'day_on', 'state'), name='state_tally_once_per_day'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
