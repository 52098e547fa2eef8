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
    """VACUUM the tables, outside of a transaction: rows that were rolled back fill their tables until then.

    A table that is left without pages has no statistics, and the planner assumes that it has some rows. Of a table that
    keeps pages without rows it believes that it is empty, and reads it again for each row of all others, for minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(connection.introspection.table_names(cursor))}")
