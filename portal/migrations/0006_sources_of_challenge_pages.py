"""Pages of calls (揭榜挂帅) are kept: changes of their parts, of the chosen bid and of its deal are recorded."""

from django.db import migrations

PAGE_SOURCES = (
    *("challenges_challengeindicator", "challenges_challengemilestone", "challenges_challengequestion"),
    *("challenges_addendum", "challenges_bid", "challenges_bidmember", "deals_deal", "deals_openchallenge"),
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
        ("challenges", "0001_initial"),
        ("deals", "0001_initial"),
        ("portal", "0005_sheet_progress"),
    ]
    operations = [migrations.RunSQL(CREATE, REMOVE)]
