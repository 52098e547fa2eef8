"""Totals that the boards have counted, kept until a row that they were counted from changes.

Each transaction that writes to a source of figures leaves one row per table: no lock is shared, so writers never wait
for each other. A reader compares these transactions with the snapshot in which it counted (`kpi/kept_totals.py`).
"""

from django.db import migrations

SOURCES = (
    "accounts_organisation", "achievements_achievement", "brokers_agency", "brokers_broker", "deals_confirmation",
    "deals_contract", "deals_deal", "deals_dealstep", "deals_figureeffect", "deals_landing", "deals_payment",
    "demands_demand", "enquiries_approach", "integrity_ownership", "matching_brokerrequest", "matching_followup", "matching_followupstep",
    "matching_match", "matching_matchrun", "matching_sidestatement", "mechanism_base", "mechanism_baserequest",
    "mechanism_fund", "mechanism_fundsize", "mechanism_investment", "mechanism_obstacle", "mechanism_obstaclekind",
    "mechanism_policy", "mechanism_raterule",
    "mechanism_raterule_institutions", "mechanism_relatedparties", "mechanism_venture", "rounds_dockinground",
    "rounds_dockinground_featured", "rounds_meeting", "rounds_party", "taxonomy_industry",
)  # fmt: skip
# One line of SQL for each table: django-migration-linter takes a NOT NULL on a line of its own for a changed column.
CREATE_TABLES = (
    "CREATE TABLE mechanism_sourcechange ("
    "source name NOT NULL, "
    "xid xid8 NOT NULL, "
    "changed_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "span daterange, "
    "PRIMARY KEY (source, xid));\n"
    "CREATE TABLE mechanism_kepttotals ("
    "key text PRIMARY KEY, "
    "origin text NOT NULL, "
    "snapshot pg_snapshot NOT NULL, "
    "sources name[] NOT NULL, "
    "content jsonb NOT NULL, "
    "kept_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "span daterange);\n"
    "ALTER TABLE mechanism_kepttotals SET UNLOGGED;\n"
)
CREATE_FUNCTION = """
CREATE FUNCTION mechanism_source_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mechanism_sourcechange (source, xid) VALUES (TG_TABLE_NAME, pg_current_xact_id())
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""
CREATE_TRIGGERS = "".join(
    f"""
CREATE TRIGGER figure_source_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_source_changed();
"""
    for table in SOURCES
)
REMOVE = """
DROP FUNCTION mechanism_source_changed() CASCADE;
DROP TABLE mechanism_kepttotals;
DROP TABLE mechanism_sourcechange;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        ("enquiries", "0001_initial"),
        ("integrity", "0001_initial"),
        ("matching", "0001_initial"),
        ("mechanism", "0001_initial"),
        ("rounds", "0001_initial"),
        ("taxonomy", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE_TABLES + CREATE_FUNCTION + CREATE_TRIGGERS, REMOVE)]
