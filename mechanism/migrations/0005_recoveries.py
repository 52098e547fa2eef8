"""Money of 专项资金 that is taken back; obstacles told to an office; projects of funds on companies and pairs; and totals
of contracts that stay when contracts of other years change.

A total of contracts reads no other contract than earlier ones of the same deal (未到账). So a change of a contract touches
its day of registration before and after; that of a contract with a deal also every later day. Only the changed rows are
looked at: what a change of another table touches would depend on rows that somebody else changes at the same time.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
from core.roles import grant

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
    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("deals", "0001_initial"),
        ("matching", "0001_initial"),
        ("mechanism", "0004_evaluation_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="SubsidyRecovery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("amount_wan", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="收回金额（万元）")),
                ("received_on", models.DateField(help_text="钱退回财政账户的日期", verbose_name="到账日期")),
                ("voucher", models.CharField(max_length=60, verbose_name="缴款凭证号")),
                ("reason", models.CharField(help_text="申报单位会看到", max_length=300, verbose_name="收回原因")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="录入时间")),
                ("struck_at", models.DateTimeField(editable=False, null=True, verbose_name="划去时间")),
                (
                    "struck_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="划去原因"),
                ),
            ],
            options={
                "verbose_name": "专项资金收回",
                "verbose_name_plural": "专项资金收回",
                "ordering": ["received_on", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddField(
            model_name="fundproject",
            name="match",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fund_projects",
                to="matching.match",
                verbose_name="配对",
            ),
        ),
        migrations.AddField(
            model_name="fundproject",
            name="venture",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fund_projects",
                to="mechanism.venture",
                verbose_name="孵化企业",
            ),
        ),
        migrations.AddField(
            model_name="obstacle",
            name="about",
            field=models.ForeignKey(
                blank=True,
                help_text="选填，这个部门会看到这条堵点",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="obstacles_about",
                to="accounts.organisation",
                verbose_name="涉及的部门",
            ),
        ),
        migrations.AddField(
            model_name="obstacle",
            name="recording_office",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recorded_obstacles",
                to="accounts.organisation",
                verbose_name="代录单位",
            ),
        ),
        migrations.AddField(
            model_name="obstacle",
            name="told_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=60, verbose_name="谁反映的"
            ),
        ),
        migrations.AddField(
            model_name="obstacle",
            name="told_on",
            field=models.DateField(editable=False, null=True, verbose_name="反映日期"),
        ),
        migrations.AlterField(
            model_name="fundproject",
            name="achievement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fund_projects",
                to="achievements.achievement",
                verbose_name="成果",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                fields=("fund", "venture"),
                name="fund_project_one_running_of_venture",
                violation_error_message="这支基金已经在看这家企业。",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                fields=("fund", "match"),
                name="fund_project_one_running_of_match",
                violation_error_message="这支基金已经在看这个配对。",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("achievement__isnull", False), ("match", None), ("venture", None)),
                    models.Q(("achievement", None), ("match", None), ("venture__isnull", False)),
                    models.Q(("achievement", None), ("match__isnull", False), ("venture", None)),
                    _connector="OR",
                ),
                name="fund_project_about_one",
                violation_error_message="一个项目只看一项成果、一家企业或一个配对。",
            ),
        ),
        migrations.AddConstraint(
            model_name="obstacle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recording_office", None), ("told_by", ""), ("told_on", None)),
                    models.Q(
                        ("recording_office__isnull", False),
                        ("told_on__isnull", False),
                        models.Q(("told_by", ""), _negated=True),
                        models.Q(("recording_office", models.F("organisation")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="obstacle_told_to_an_office",
                violation_error_message="代录要写明谁在哪天反映的。",
            ),
        ),
        migrations.AddField(
            model_name="subsidyrecovery",
            name="paid_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="拨付录入人",
            ),
        ),
        migrations.AddField(
            model_name="subsidyrecovery",
            name="payout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recoveries",
                to="mechanism.subsidypayout",
                verbose_name="哪一笔拨付",
            ),
        ),
        migrations.AddField(
            model_name="subsidyrecovery",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="录入人",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyrecovery",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_wan__gt", 0)),
                name="subsidy_recovery_is_money",
                violation_error_message="收回金额要大于零。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyrecovery",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), models.Q(("voucher", ""), _negated=True)),
                name="subsidy_recovery_with_reason_and_voucher",
                violation_error_message="收回要写明原因和缴款凭证号。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyrecovery",
            constraint=models.CheckConstraint(
                condition=models.Q(("recorded_by", models.F("paid_by")), _negated=True),
                name="subsidy_recovery_by_second_officer",
                violation_error_message="这笔拨付由您录入，收回请交给同事录入。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyrecovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("struck_at", None), ("struck_reason", "")),
                    models.Q(("struck_at__isnull", False), models.Q(("struck_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="subsidy_recovery_struck_with_reason",
                violation_error_message="划去收回请写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyrecovery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("struck_at", None)),
                fields=("voucher",),
                name="subsidy_recovery_voucher_once",
                violation_error_message="这个缴款凭证号已经录入过，请核对。",
            ),
        ),
        migrations.RunSQL(RECOVERIES, NO_RECOVERIES),
        migrations.RunSQL(WATCHED, UNWATCHED),
        migrations.RunSQL(DATED_CHANGES, UNDATED_CHANGES),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
