"""Statistics for the planner of PostgreSQL about rows that are not committed: autovacuum does not see them."""

from django.db import connection


def analyze_tables() -> None:
    """ANALYZE the tables of this database. Without it some lists over many rows take seconds.

    Not a bare ANALYZE: it would also lock the catalogues that all databases of a cluster share, until the transaction
    ends, and the processes of a parallel run would wait for each other's test.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(connection.introspection.table_names(cursor))}")


def remove_rolled_back_rows() -> None:
    """VACUUM the tables, outside of a transaction. Many rows that were rolled back fill their tables until then: a list
    of a later test, planned for tables that are said to be empty, would read them all again and again, for minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(connection.introspection.table_names(cursor))}")
