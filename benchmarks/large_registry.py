"""Many published rows from few, by statements of the database: what a page reads of 100,000 achievements."""

from django.db import connection
from django.db.models import Model

from core.public_id import ALPHABET

DIGITS = "lpad(to_hex(mod(n * 2654435761, 1099511627776)), 10, '0')"
UNIQUE = {
    "public_id": f"translate({DIGITS}, '0123456789abcdef', '{ALPHABET[:16]}')",
    "title": "left(title, 60) || n",
    "registry_number": "'M-' || n",
    "updated_at": "now() - n * interval '7 minutes'",
    "published_at": "now() - n * interval '7 minutes'",
}
"""Column → its value in the copy number `n`."""


def multiply(model: type[Model], number: int, **values: str) -> None:
    """Copy the rows of a model, over and over, until there are `number`. `values`: SQL of further columns."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.local_concrete_fields if not field.primary_key]
    made = UNIQUE | values
    selected = ", ".join(made.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # names of the code
        first = cursor.fetchone()[0]
        cursor.execute(
            f"""
            WITH first AS (SELECT row_number() OVER (ORDER BY id) AS copied, * FROM {table})
            INSERT INTO {table} ({names})
            SELECT {selected} FROM generate_series(%(first)s + 1, %(number)s) AS n
            JOIN first ON first.copied = 1 + n %% %(first)s
            """,
            {"first": first, "number": number},
        )
