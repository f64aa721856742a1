"""Whatever code a touch can keep can be adopted for a link, folded as codes are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0010_apply_once_while_undecided")]

    operations = [
        migrations.AlterField(
            model_name="linkcode",
            name="code",
            field=models.CharField(max_length=400, verbose_name="code"),
        ),
    ]
