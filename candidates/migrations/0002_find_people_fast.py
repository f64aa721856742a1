"""Indexes for the desk: people by a prefix of e-mail, phone, name or ZIP code; what waits for staff.

The unique indexes of e-mail and phone become pattern indexes under the same names, so that they
serve both purposes. The three partial ones hold exceptions only and cost a sign-up nothing.
"""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Collate, Lower


class Migration(migrations.Migration):
    dependencies = [("candidates", "0001_the_house")]

    operations = [
        migrations.RemoveConstraint(model_name="candidate", name="candidate_unique_by_email"),
        migrations.RemoveConstraint(model_name="candidate", name="candidate_unique_by_phone"),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(
                fields=["email_canonical"],
                opclasses=["varchar_pattern_ops"],
                name="candidate_unique_by_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(
                fields=["phone"], opclasses=["varchar_pattern_ops"], name="candidate_unique_by_phone"
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                Collate(Lower("last_name"), "C"),
                Collate(Lower("first_name"), "C"),
                name="candidate_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(Collate(Lower("first_name"), "C"), name="candidate_by_first_name"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                fields=["zip_code"], opclasses=["varchar_pattern_ops"], name="candidate_by_zip_code"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["due_at"], condition=Q(state="failed"), name="followup_failed"
            ),
        ),
        migrations.AddIndex(
            model_name="phoneconflict",
            index=models.Index(
                fields=["noticed_at"], condition=Q(settled_at=None), name="phone_conflict_unsettled"
            ),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(
                fields=["at"], condition=Q(link=None), name="touch_of_unknown_code"
            ),
        ),
    ]
