"""Every code a link ever had is written down; the ledger's new columns are append-only too."""

from django.db import migrations

CODES = """
INSERT INTO partners_linkcode (code, link_id, since_at)
SELECT code, id, created_at FROM partners_referrallink;

CREATE FUNCTION partners_linkcode_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM partners_linkcode WHERE code = NEW.code AND link_id = NEW.id) THEN
        INSERT INTO partners_linkcode (code, link_id, since_at) VALUES (NEW.code, NEW.id, now());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER link_code_is_written_down
    AFTER INSERT OR UPDATE OF code ON partners_referrallink
    FOR EACH ROW EXECUTE FUNCTION partners_linkcode_write();
"""
NO_CODES = """
DROP TRIGGER link_code_is_written_down ON partners_referrallink;
DROP FUNCTION partners_linkcode_write();
"""
LEDGER = """
DROP TRIGGER credit_is_append_only ON partners_credit;
CREATE TRIGGER credit_is_append_only
    BEFORE DELETE OR UPDATE OF id, candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
        amount, at, recorded_at, reason, author_id, state, office
    ON partners_credit FOR EACH ROW EXECUTE FUNCTION partners_credit_refuse();
"""
LEDGER_BEFORE = LEDGER.replace(", state, office", "")


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_links_that_partners_trust")]

    operations = [
        migrations.RunSQL(CODES, NO_CODES),
        migrations.RunSQL(LEDGER, LEDGER_BEFORE),
    ]
