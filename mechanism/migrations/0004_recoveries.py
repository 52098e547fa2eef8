"""Money of 专项资金 that is taken back; obstacles told to an office; projects of funds on companies and pairs; and totals
of contracts that stay when contracts of other years change.

A total of contracts reads no other contract than earlier ones of the same deal (未到账). So a change of a contract touches
its day of registration before and after; that of a contract with a deal also every later day. Only the changed rows are
looked at: what a change of another table touches would depend on rows that somebody else changes at the same time.
"""

from django.db import migrations

from core.roles import grant

DATED_CHANGES = """
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
"""

# The application is locked first, as by the triggers of payouts, so that what is added up cannot change.
RECOVERIES = """
CREATE FUNCTION mechanism_subsidy_recovery_paid_by() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT recorded_by_id INTO NEW.paid_by_id FROM mechanism_subsidypayout WHERE id = NEW.payout_id;
    RETURN NEW;
END $$;
CREATE FUNCTION mechanism_subsidy_recovered_is_paid(payout bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    application bigint;
BEGIN
    SELECT application_id INTO application FROM mechanism_subsidypayout WHERE id = payout;
    PERFORM FROM mechanism_subsidyapplication WHERE id = application FOR NO KEY UPDATE;
    IF (SELECT coalesce(sum(amount_wan), 0) FROM mechanism_subsidyrecovery
            WHERE payout_id = payout AND struck_at IS NULL)
        > (SELECT CASE WHEN struck_at IS NULL THEN amount_wan ELSE 0 END FROM mechanism_subsidypayout WHERE id = payout)
    THEN
        RAISE EXCEPTION 'subsidy_recoveries_within_payout: more is taken back than was paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_recoveries_within_payout';
    END IF;
    RETURN application;
END $$;
CREATE FUNCTION mechanism_subsidy_recovery_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    application bigint := mechanism_subsidy_recovered_is_paid(NEW.payout_id);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.payout_id <> NEW.payout_id OR OLD.recorded_by_id <> NEW.recorded_by_id THEN
            RAISE EXCEPTION 'subsidy_recovery_stays: payout and person of a recovery do not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_recovery_stays';
        END IF;
        PERFORM mechanism_subsidy_budget_suffices((SELECT c.budget_id FROM mechanism_subsidyapplication a
            JOIN mechanism_subsidycall c ON c.id = a.call_id WHERE a.id = application));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_subsidy_payout_covers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_subsidy_recovered_is_paid(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER subsidy_recovery_paid_by BEFORE INSERT OR UPDATE ON mechanism_subsidyrecovery
    FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_recovery_paid_by();
CREATE TRIGGER subsidy_recovery_fits AFTER INSERT OR UPDATE ON mechanism_subsidyrecovery
    FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_recovery_fits();
CREATE TRIGGER subsidy_payout_covers AFTER UPDATE OF amount_wan, struck_at ON mechanism_subsidypayout
    FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_payout_covers();
CREATE OR REPLACE FUNCTION mechanism_subsidy_budget_suffices(budget bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    amount numeric;
    committed numeric;
BEGIN
    SELECT amount_wan INTO amount FROM mechanism_subsidybudget WHERE id = budget FOR NO KEY UPDATE;
    SELECT coalesce(sum(CASE WHEN a.status = 'failed' THEN
        (SELECT coalesce(sum(p.amount_wan), 0) FROM mechanism_subsidypayout p
         WHERE p.application_id = a.id AND p.struck_at IS NULL) ELSE a.granted_wan END
        - (SELECT coalesce(sum(r.amount_wan), 0) FROM mechanism_subsidyrecovery r
           JOIN mechanism_subsidypayout p ON p.id = r.payout_id
           WHERE p.application_id = a.id AND r.struck_at IS NULL)), 0)
    INTO committed
    FROM mechanism_subsidyapplication a JOIN mechanism_subsidycall c ON c.id = a.call_id
    WHERE c.budget_id = budget AND a.status IN ('publicised', 'granted', 'reported', 'passed', 'failed');
    IF committed > amount THEN
        RAISE EXCEPTION 'subsidy_within_budget: % granted of a budget of %', committed, amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_within_budget';
    END IF;
END $$;
"""
NO_RECOVERIES = """
CREATE OR REPLACE FUNCTION mechanism_subsidy_budget_suffices(budget bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    amount numeric;
    committed numeric;
BEGIN
    SELECT amount_wan INTO amount FROM mechanism_subsidybudget WHERE id = budget FOR NO KEY UPDATE;
    SELECT coalesce(sum(CASE WHEN a.status = 'failed' THEN
        (SELECT coalesce(sum(p.amount_wan), 0) FROM mechanism_subsidypayout p
         WHERE p.application_id = a.id AND p.struck_at IS NULL) ELSE a.granted_wan END), 0)
    INTO committed
    FROM mechanism_subsidyapplication a JOIN mechanism_subsidycall c ON c.id = a.call_id
    WHERE c.budget_id = budget AND a.status IN ('publicised', 'granted', 'reported', 'passed', 'failed');
    IF committed > amount THEN
        RAISE EXCEPTION 'subsidy_within_budget: % granted of a budget of %', committed, amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_within_budget';
    END IF;
END $$;

DROP TRIGGER subsidy_payout_covers ON mechanism_subsidypayout;
DROP TRIGGER subsidy_recovery_fits ON mechanism_subsidyrecovery;
DROP TRIGGER subsidy_recovery_paid_by ON mechanism_subsidyrecovery;
DROP FUNCTION mechanism_subsidy_payout_covers(), mechanism_subsidy_recovery_fits(),
    mechanism_subsidy_recovered_is_paid(bigint), mechanism_subsidy_recovery_paid_by();
"""

SOURCES = (
    *("mechanism_subsidyapplication", "mechanism_subsidybudget", "mechanism_subsidycall"),
    *("mechanism_subsidypayout", "mechanism_subsidyrecovery"),
)
WATCHED = "".join(
    f"""
CREATE TRIGGER figure_source_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_source_changed();
"""
    for table in SOURCES
)
UNWATCHED = "".join(f"DROP TRIGGER figure_source_changed ON {table};\n" for table in SOURCES)


def grant_permissions(apps, schema_editor):
    seen = ["view_subsidyrecovery"]
    grant(apps, "mechanism", {"city_officer": seen, "auditor": seen})


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0003_subsidy_triggers")]
    operations = [
        migrations.RunSQL(RECOVERIES, NO_RECOVERIES),
        migrations.RunSQL(WATCHED, UNWATCHED),
        migrations.RunSQL(DATED_CHANGES, UNDATED_CHANGES),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
