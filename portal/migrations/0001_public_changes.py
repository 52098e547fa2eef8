"""Which transactions wrote to tables that public pages show (`portal/public_copies/changes.py`).

Each transaction leaves one row per table: no lock is shared, so writers never wait for each other. Of achievements and
demands only those count that were ever public: offices write drafts all day.
"""

from django.db import migrations

PAGE_SOURCES = (
    "accounts_contact", "accounts_membership", "accounts_organisation", "accounts_region", "achievements_attachment",
    "achievements_completer", "achievements_indicator", "achievements_intellectualproperty", "brokers_agency",
    "brokers_agency_industries", "brokers_agency_regions", "brokers_broker", "brokers_broker_industries",
    "brokers_broker_regions", "deals_confirmation", "deals_contract", "deals_figureeffect", "demands_demandfile",
    "demands_demandindicator", "enquiries_approach", "matching_brokerrequest", "matching_similarachievement",
    "matching_similardemand", "mechanism_base", "mechanism_base_fields", "mechanism_baserequest",
    "mechanism_evaluation", "mechanism_freeperiod", "mechanism_obstacle", "mechanism_obstaclekind",
    "mechanism_policy", "mechanism_policycondition", "mechanism_subsidyapplication", "mechanism_subsidybudget",
    "mechanism_subsidycall", "mechanism_subsidypayout", "mechanism_subsidyrecovery", "mechanism_trialresult",
    "portfolio_picture", "portfolio_video", "rounds_agendaitem", "rounds_agendaitem_attendees",
    "rounds_agendaitem_parties", "rounds_agendaitem_speakers", "rounds_attendee", "rounds_dockinground",
    "rounds_dockinground_featured", "rounds_dockinground_institutions", "rounds_hall", "rounds_organiser",
    "rounds_party", "rounds_rounddocument", "taxonomy_industry",
)  # fmt: skip
USER_COLUMNS = "is_active, name, username"
"""Of accounts_user: each sign-in writes its time."""
WITH_DRAFTS = {
    "achievements_achievement": "published_at IS NOT NULL OR registry_number IS NOT NULL",
    "demands_demand": "published_at IS NOT NULL",
}
"""Table: which of its rows public pages can show."""
# One line of SQL: django-migration-linter takes a NOT NULL on a line of its own for a changed column.
CREATE_TABLE = (
    "CREATE TABLE portal_publicchange ("
    "source name NOT NULL, "
    "xid xid8 NOT NULL, "
    "changed_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "PRIMARY KEY (source, xid));\n"
)
CREATE_FUNCTIONS = """
CREATE FUNCTION portal_page_source_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portal_publicchange (source, xid) VALUES (TG_TABLE_NAME, pg_current_xact_id()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""
CREATE_TRIGGERS = "".join(
    f"""
CREATE TRIGGER public_page_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_page_source_changed();
"""
    for table in PAGE_SOURCES
)
CREATE_TRIGGERS += f"""
CREATE TRIGGER public_page_changed AFTER INSERT OR UPDATE OF {USER_COLUMNS} OR DELETE OR TRUNCATE ON accounts_user
    FOR EACH STATEMENT EXECUTE FUNCTION portal_page_source_changed();
"""
CREATE_TRIGGERS_WITH_DRAFTS = "".join(
    f"""
CREATE FUNCTION portal_{table}_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE {condition}) THEN
        INSERT INTO portal_publicchange (source, xid) VALUES (TG_TABLE_NAME, pg_current_xact_id())
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION portal_{table}_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE {condition}) OR EXISTS (SELECT FROM old_rows WHERE {condition}) THEN
        INSERT INTO portal_publicchange (source, xid) VALUES (TG_TABLE_NAME, pg_current_xact_id())
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER public_page_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION portal_{table}_inserted();
CREATE TRIGGER public_page_updated AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION portal_{table}_updated();
CREATE TRIGGER public_page_changed AFTER DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_page_source_changed();
"""  # noqa: S608  # nothing of it comes from outside
    for table, condition in WITH_DRAFTS.items()
)
REMOVE = (
    "DROP FUNCTION portal_page_source_changed() CASCADE;\n"
    + "".join(f"DROP FUNCTION portal_{table}_inserted(), portal_{table}_updated() CASCADE;\n" for table in WITH_DRAFTS)
    + "DROP TABLE portal_publicchange;\n"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        ("enquiries", "0001_initial"),
        ("matching", "0001_initial"),
        ("mechanism", "0001_initial"),
        ("portfolio", "0001_initial"),
        ("rounds", "0001_initial"),
        ("taxonomy", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(CREATE_TABLE + CREATE_FUNCTIONS + CREATE_TRIGGERS + CREATE_TRIGGERS_WITH_DRAFTS, REMOVE)
    ]
