"""No grant beyond a year's budget and no payout beyond its grant; a fund keeps its former sizes."""

from django.db import migrations

# No grant beyond the year's budget and no payout beyond its grant, whatever SQL the application sends. The triggers lock
# the budget (the application) before they add up, so that two transactions cannot both fit into the same rest.
CREATE_TRIGGERS = """
CREATE FUNCTION mechanism_subsidy_budget_suffices(budget bigint) RETURNS void LANGUAGE plpgsql AS $$
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
CREATE FUNCTION mechanism_subsidy_grant_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_wan IS NOT NULL THEN
        PERFORM mechanism_subsidy_budget_suffices((SELECT budget_id FROM mechanism_subsidycall WHERE id = NEW.call_id));
        IF NEW.granted_wan < (SELECT coalesce(sum(amount_wan), 0) FROM mechanism_subsidypayout
                              WHERE application_id = NEW.id AND struck_at IS NULL) THEN
            RAISE EXCEPTION 'subsidy_payouts_within_grant: the grant is less than what was paid'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_payouts_within_grant';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_subsidy_budget_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_subsidy_budget_suffices(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_subsidy_payout_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    grant_wan numeric;
    state text;
BEGIN
    SELECT granted_wan, status INTO grant_wan, state FROM mechanism_subsidyapplication
        WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF NEW.struck_at IS NULL AND (state NOT IN ('granted', 'reported', 'passed') OR grant_wan <
        (SELECT sum(amount_wan) FROM mechanism_subsidypayout
         WHERE application_id = NEW.application_id AND struck_at IS NULL)) THEN
        RAISE EXCEPTION 'subsidy_payouts_within_grant: % of % in state %', NEW.amount_wan, grant_wan, state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_payouts_within_grant';
    END IF;
    RETURN NULL;
END $$;
-- A changed size begins today; what the size was before stays for the periods before.
CREATE FUNCTION mechanism_fund_keeps_sizes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    INSERT INTO mechanism_fundsize (fund_id, from_on, subscribed_wan, paid_in_wan)
        SELECT NEW.id, least(OLD.valid_from, today - 1), OLD.subscribed_wan, OLD.paid_in_wan
        WHERE NOT EXISTS (SELECT FROM mechanism_fundsize WHERE fund_id = NEW.id);
    INSERT INTO mechanism_fundsize (fund_id, from_on, subscribed_wan, paid_in_wan)
        VALUES (NEW.id, today, NEW.subscribed_wan, NEW.paid_in_wan)
        ON CONFLICT (fund_id, from_on)
        DO UPDATE SET subscribed_wan = EXCLUDED.subscribed_wan, paid_in_wan = EXCLUDED.paid_in_wan;
    RETURN NULL;
END $$;
CREATE TRIGGER fund_keeps_sizes AFTER UPDATE OF subscribed_wan, paid_in_wan ON mechanism_fund FOR EACH ROW
    WHEN ((OLD.subscribed_wan, OLD.paid_in_wan) IS DISTINCT FROM (NEW.subscribed_wan, NEW.paid_in_wan))
    EXECUTE FUNCTION mechanism_fund_keeps_sizes();
CREATE TRIGGER subsidy_grant_fits AFTER INSERT OR UPDATE OF status, granted_wan, call_id
    ON mechanism_subsidyapplication FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_grant_fits();
CREATE TRIGGER subsidy_budget_fits AFTER UPDATE OF amount_wan
    ON mechanism_subsidybudget FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_budget_fits();
CREATE TRIGGER subsidy_payout_fits AFTER INSERT OR UPDATE OF amount_wan, struck_at, application_id
    ON mechanism_subsidypayout FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_payout_fits();
"""
DROP_TRIGGERS = """
DROP TRIGGER fund_keeps_sizes ON mechanism_fund;
DROP FUNCTION mechanism_fund_keeps_sizes();
DROP TRIGGER subsidy_payout_fits ON mechanism_subsidypayout;
DROP TRIGGER subsidy_budget_fits ON mechanism_subsidybudget;
DROP TRIGGER subsidy_grant_fits ON mechanism_subsidyapplication;
DROP FUNCTION mechanism_subsidy_payout_fits();
DROP FUNCTION mechanism_subsidy_budget_fits();
DROP FUNCTION mechanism_subsidy_grant_fits();
DROP FUNCTION mechanism_subsidy_budget_suffices(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0002_kept_totals")]
    operations = [migrations.RunSQL(CREATE_TRIGGERS, DROP_TRIGGERS)]
