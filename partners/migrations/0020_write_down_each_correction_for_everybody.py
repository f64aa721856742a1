"""Each act of correction gets a row that anybody may read; those of before get theirs here."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A line that takes back what was given in the same moment, to somebody voided before, is no act.
FILL = """
INSERT INTO partners_correction (drive_id, recorded_at, deed, cause, people, change, author_id)
SELECT drive_id, recorded_at,
    CASE WHEN kind = 'reassigned' THEN 'moved' WHEN amount < 0 THEN 'voided' ELSE 'restored' END,
    CASE WHEN reason LIKE 'hold released%' THEN 'released'
        WHEN reason LIKE 'code repaired%' THEN 'repaired'
        WHEN reason LIKE 'recomputed%' THEN 'recomputed' ELSE 'other' END,
    count(DISTINCT candidate_uuid),
    coalesce(sum(amount) FILTER (WHERE counts_as = drive.counts), 0), author_id
FROM partners_credit AS line JOIN partners_drive AS drive ON drive.id = drive_id
WHERE kind IN ('voided', 'reassigned') AND NOT EXISTS (
    SELECT FROM partners_credit AS given
    WHERE given.candidate_uuid = line.candidate_uuid AND given.recorded_at = line.recorded_at
        AND given.counts_as = line.counts_as AND given.kind NOT IN ('voided', 'reassigned'))
GROUP BY 1, 2, 3, 4, author_id ORDER BY 2
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0019_days_of_spans_and_of_states'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(verbose_name='when it was written')),
                ('deed', models.CharField(choices=[('voided', 'taken back'), ('restored', 'given back'), ('moved', 'credited elsewhere')], max_length=8, verbose_name='what was done')),
                ('cause', models.CharField(choices=[('duplicate', 'signed up more than once'), ('test', 'a test of ours'), ('nobody', 'a joke, or no person at all'), ('asked', 'the person asked for it'), ('wrong_link', 'credited to the wrong link'), ('mistake', 'an earlier correction was wrong'), ('released', 'looked at and found right'), ('repaired', 'a mistyped link was put right'), ('recomputed', 'credited anew by the rule of the drive'), ('other', 'another reason, kept with the ledger')], default='other', max_length=10, verbose_name='why')),
                ('people', models.PositiveIntegerField(verbose_name='people')),
                ('change', models.IntegerField(verbose_name='change of what the drive counts')),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('drive', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='partners.drive', verbose_name='drive')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'indexes': [models.Index(fields=['-recorded_at', '-id'], name='correction_newest_first')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
