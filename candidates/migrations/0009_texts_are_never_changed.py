"""What was sent is what is shown: a text is never changed, new words are a new version."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION candidates_steptext_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a text is never changed: write a new version instead'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER text_is_never_changed BEFORE DELETE OR UPDATE ON candidates_steptext
    FOR EACH ROW EXECUTE FUNCTION candidates_steptext_refuse();
"""
BACK = """
DROP TRIGGER text_is_never_changed ON candidates_steptext;
DROP FUNCTION candidates_steptext_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [('candidates', '0008_every_followup_has_its_step')]

    operations = [migrations.RunSQL(FORWARD, BACK)]
