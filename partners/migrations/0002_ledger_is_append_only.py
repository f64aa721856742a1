"""The ledger refuses every change but the stamp: append-only is a rule of the database.

The trigger names its columns, so the fold's `SET counted_at = ...` never fires it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION partners_credit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: write a correcting line instead'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER credit_is_append_only
    BEFORE DELETE OR UPDATE OF id, candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
        amount, at, recorded_at, reason, author_id
    ON partners_credit FOR EACH ROW EXECUTE FUNCTION partners_credit_refuse();
"""
BACK = """
DROP TRIGGER credit_is_append_only ON partners_credit;
DROP FUNCTION partners_credit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_the_house")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
