"""The home page shows the places of the next round: changes of slots and of the published timetable are recorded.

Of a timetable only its status: while it is being solved, its progress is written every few seconds.
"""

from django.db import migrations

PAGE_SOURCES = {"rounds_slot": "UPDATE", "rounds_timetable": "UPDATE OF status", "rounds_placement": "UPDATE"}
"""{table: which updates count}."""
CREATE = "".join(
    f"""
CREATE TRIGGER public_page_changed AFTER INSERT OR {update} OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_page_source_changed();
"""
    for table, update in PAGE_SOURCES.items()
)
REMOVE = "".join(f"DROP TRIGGER public_page_changed ON {table};\n" for table in PAGE_SOURCES)


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
        ("portal", "0003_sources_of_new_pages"),
    ]
    operations = [migrations.RunSQL(CREATE, REMOVE)]
