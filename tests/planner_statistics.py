"""What the planner of PostgreSQL knows of tables whose rows are not committed: autovacuum does not see them."""

from django.db import connection

GROWN = 16 * 8192
"""Bytes. Smaller tables are read as quickly with as without rows that were rolled back."""
NO_AUTOVACUUM = """
DO $$
DECLARE a_table regclass;
BEGIN
    FOR a_table IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', a_table);
    END LOOP;
END $$
"""


def switch_autovacuum_off() -> None:
    """Of a test database. Beside the open transaction of a test it cannot give back the pages of rows that were rolled
    back and notes that the table has pages and no rows. Every list is planned for that until the next ANALYZE: a join
    of a few rows may take minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(NO_AUTOVACUUM)


def analyze_tables() -> None:
    """ANALYZE the tables of this database. Without it some lists over many rows take seconds.

    Not a bare ANALYZE: it would also lock the catalogues that all databases of a cluster share, until the transaction
    ends, and the processes of a parallel run would wait for each other's test.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(connection.introspection.table_names(cursor))}")


def vacuum_grown_tables() -> None:
    """Outside of a transaction: give back the pages of rows that were rolled back or deleted, as autovacuum would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > %s",
            [GROWN],
        )
        if names := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"VACUUM {', '.join(names)}")
