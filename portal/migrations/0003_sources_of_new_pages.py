"""Pages of agencies and demands show mandates, requests for help, profiles and calls: their changes are recorded, too."""

from django.db import migrations

PAGE_SOURCES = (
    *("brokerage_helprequest", "brokerage_profile", "brokerage_profilecase"),
    *("challenges_challenge", "mandates_mandate"),
)
CREATE = "".join(
    f"""
CREATE TRIGGER public_page_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_page_source_changed();
"""
    for table in PAGE_SOURCES
)
REMOVE = "".join(f"DROP TRIGGER public_page_changed ON {table};\n" for table in PAGE_SOURCES)


class Migration(migrations.Migration):
    dependencies = [
        ("brokerage", "0001_initial"),
        ("challenges", "0001_initial"),
        ("mandates", "0001_initial"),
        ("portal", "0002_sheet_checks"),
    ]
    operations = [migrations.RunSQL(CREATE, REMOVE)]
