"""A changed number from before a drive is told like any correction; and days have bounds."""

import partners.models.drives
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0031_rehearse_a_drive'),
    ]

    operations = [
        migrations.AddField(
            model_name='correction',
            name='baseline',
            field=models.PositiveIntegerField(null=True, verbose_name='counted before this drive'),
        ),
        migrations.AddField(
            model_name='correction',
            name='source',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='where that number is from'),
        ),
        migrations.AlterField(
            model_name='correction',
            name='cause',
            field=models.CharField(choices=[('duplicate', 'signed up more than once'), ('test', 'a test of ours'), ('nobody', 'a joke, or no person at all'), ('asked', 'the person asked for it'), ('wrong_link', 'credited to the wrong link'), ('mistake', 'an earlier correction was wrong'), ('released', 'looked at and found right'), ('repaired', 'a mistyped link was put right'), ('recomputed', 'credited anew by the rule of the drive'), ('baseline', 'what had been counted before a drive was set right'), ('other', 'another reason, kept with the ledger')], default='other', max_length=10, verbose_name='why'),
        ),
        migrations.AlterField(
            model_name='correction',
            name='deed',
            field=models.CharField(choices=[('voided', 'taken back'), ('restored', 'given back'), ('moved', 'credited elsewhere'), ('rebased', 'the number from before changed')], max_length=8, verbose_name='what was done'),
        ),
        migrations.AlterField(
            model_name='drive',
            name='closes_at',
            field=models.DateTimeField(blank=True, null=True, validators=[partners.models.drives.validate_year], verbose_name='closes'),
        ),
        migrations.AlterField(
            model_name='drive',
            name='day_on',
            field=models.DateField(validators=[partners.models.drives.validate_year], verbose_name='the day'),
        ),
        migrations.AlterField(
            model_name='drive',
            name='last_day_on',
            field=models.DateField(blank=True, help_text="Empty: the drive's day is one day. All its days are counted as one.", null=True, validators=[partners.models.drives.validate_year], verbose_name='the last day'),
        ),
        migrations.AlterField(
            model_name='drive',
            name='opens_at',
            field=models.DateTimeField(validators=[partners.models.drives.validate_year], verbose_name='opens'),
        ),
    ]
