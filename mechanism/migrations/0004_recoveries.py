"""Changes of contracts say which days of registration they can touch, so that totals of other years stay.

A total of a contract reads no other contract than earlier ones of the same deal (未到账). A changed contract touches its
day before and after the change; one with a deal also every later day.
"""

from django.db import migrations

DATED_CHANGES = """
ALTER TABLE mechanism_sourcechange ADD COLUMN span daterange;
ALTER TABLE mechanism_kepttotals ADD COLUMN span daterange;
CREATE FUNCTION mechanism_note_contracts(first date, last date, rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF rows = 0 THEN RETURN; END IF;
    INSERT INTO mechanism_sourcechange AS noted (source, xid, span) VALUES (
        'deals_contract', pg_current_xact_id(),
        CASE WHEN first IS NULL THEN 'empty'::daterange ELSE daterange(first, last, '[]') END
    )
    ON CONFLICT (source, xid) DO UPDATE SET span = range_merge(noted.span, excluded.span)
        WHERE NOT noted.span @> excluded.span;
END $$;
CREATE FUNCTION mechanism_contracts_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_note_contracts(
        min(registered_on), max(CASE WHEN deal_id IS NULL THEN registered_on ELSE 'infinity' END)
            FILTER (WHERE registered_on IS NOT NULL), count(*)
    ) FROM new_rows;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_contracts_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_note_contracts(
        min(registered_on), max(CASE WHEN deal_id IS NULL THEN registered_on ELSE 'infinity' END)
            FILTER (WHERE registered_on IS NOT NULL), count(*)
    ) FROM old_rows;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_contracts_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_note_contracts(
        min(registered_on), max(CASE WHEN deal_id IS NULL THEN registered_on ELSE 'infinity' END)
            FILTER (WHERE registered_on IS NOT NULL), count(*)
    ) FROM (SELECT registered_on, deal_id FROM old_rows UNION ALL SELECT registered_on, deal_id FROM new_rows) AS rows;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_contracts_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_note_contracts('-infinity', 'infinity', 1);
    RETURN NULL;
END $$;
DROP TRIGGER figure_source_changed ON deals_contract;
CREATE TRIGGER figure_source_inserted AFTER INSERT ON deals_contract
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mechanism_contracts_inserted();
CREATE TRIGGER figure_source_updated AFTER UPDATE ON deals_contract
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_contracts_updated();
CREATE TRIGGER figure_source_deleted AFTER DELETE ON deals_contract
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mechanism_contracts_deleted();
CREATE TRIGGER figure_source_changed AFTER TRUNCATE ON deals_contract
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_contracts_truncated();
"""
UNDATED_CHANGES = """
DROP TRIGGER figure_source_inserted ON deals_contract;
DROP TRIGGER figure_source_updated ON deals_contract;
DROP TRIGGER figure_source_deleted ON deals_contract;
DROP TRIGGER figure_source_changed ON deals_contract;
DROP FUNCTION mechanism_contracts_inserted(), mechanism_contracts_updated(), mechanism_contracts_deleted(),
    mechanism_contracts_truncated(), mechanism_note_contracts(date, date, bigint);
CREATE TRIGGER figure_source_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON deals_contract
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_source_changed();
DELETE FROM mechanism_kepttotals;
ALTER TABLE mechanism_kepttotals DROP COLUMN span;
ALTER TABLE mechanism_sourcechange DROP COLUMN span;
"""


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0003_subsidy_triggers"), ("deals", "0001_initial")]
    operations = [migrations.RunSQL(DATED_CHANGES, UNDATED_CHANGES)]
