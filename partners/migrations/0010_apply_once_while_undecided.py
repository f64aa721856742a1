"""The same application is one while it is undecided, however many clicks come at once."""

from django.db import migrations, models

# Of those sent twice the first one stays: it says all that the others say.
KEEP_THE_FIRST = """
DELETE FROM partners_application AS again USING partners_application AS first
WHERE again.organisation = first.organisation AND again.contact_email = first.contact_email
    AND again.decided_at IS NULL AND first.decided_at IS NULL AND again.id > first.id;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0009_no_code_is_ever_reused")]

    operations = [
        migrations.RunSQL(KEEP_THE_FIRST, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(decided_at=None),
                fields=("organisation", "contact_email"),
                name="application_once_while_undecided",
            ),
        ),
    ]
