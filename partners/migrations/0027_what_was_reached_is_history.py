"""A milestone that was reached stays as it was announced: a rule of the database, like the ledger.

Only `announced_at` is written after that. A target of nothing was reached by nobody.
"""

import django.core.validators
from django.db import migrations, models

FORWARD = """
DELETE FROM partners_milestone WHERE target = 0;
CREATE FUNCTION partners_milestone_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a milestone that was reached is history'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER milestone_stays_as_it_was BEFORE UPDATE ON partners_milestone FOR EACH ROW
    WHEN (OLD.reached_at IS NOT NULL AND
        (OLD.drive_id, OLD.partner_id, OLD.scope, OLD.target,
            OLD.reached_at, OLD.reached_value, OLD.reached_by_id)
        IS DISTINCT FROM
        (NEW.drive_id, NEW.partner_id, NEW.scope, NEW.target,
            NEW.reached_at, NEW.reached_value, NEW.reached_by_id))
    EXECUTE FUNCTION partners_milestone_refuse();
CREATE TRIGGER milestone_is_kept BEFORE DELETE ON partners_milestone FOR EACH ROW
    WHEN (OLD.reached_at IS NOT NULL)
    EXECUTE FUNCTION partners_milestone_refuse();
"""
BACK = """
DROP TRIGGER milestone_is_kept ON partners_milestone;
DROP TRIGGER milestone_stays_as_it_was ON partners_milestone;
DROP FUNCTION partners_milestone_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0026_find_the_corrections_of_a_partner")]

    operations = [
        migrations.RunSQL(FORWARD, BACK),
        migrations.AlterField(
            model_name="milestone",
            name="target",
            field=models.PositiveIntegerField(
                validators=[django.core.validators.MinValueValidator(1)], verbose_name="target"
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__gte", 1)), name="milestone_is_more_than_nothing"
            ),
        ),
    ]
