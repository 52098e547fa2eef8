"""Many rows at once: by COPY, with the indexes and references of their tables made afterwards."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from core.public_id import ALPHABET

ROWS_AT_A_TIME = 5000
MEMORY = "256MB"
"""Of PostgreSQL, for an index."""

_INDEXES = """
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), ARRAY(
    SELECT attnum FROM pg_attribute WHERE attrelid = indexrelid AND attstattarget = 0
) FROM pg_index
WHERE indrelid = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x')
)
"""
_CONSTRAINTS = """
SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('u', 'f')
"""


@contextmanager
def without_indexes(*models: type[Model], searchable: bool = True) -> Iterator[None]:
    """One transaction in which rows are written without triggers; indexes, unique fields and references are made at
    its end, which takes a fraction of the time. `searchable`: with the indexes of the words of texts, which take most
    of what remains and which only searches read.
    """
    tables = [model._meta.db_table for model in models]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table is not altered before what is due at the commit
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'; SET LOCAL statement_timeout = 0")
        made_again: list[str] = []
        for table in tables:
            made_again += _remove_indexes(cursor, table, searchable=searchable)
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in made_again:
            cursor.execute(statement)


def _remove_indexes(cursor: Any, table: str, *, searchable: bool) -> list[str]:
    """Remove what slows down writing to a table; return the statements that make it again."""
    made_again = []
    cursor.execute(_INDEXES, [table])
    for name, definition, without_statistics in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        if searchable or "search_bigrams(" not in definition:
            made_again.append(definition)
            made_again += [f"ALTER INDEX {name} ALTER COLUMN {n} SET STATISTICS 0" for n in without_statistics]
    cursor.execute(_CONSTRAINTS, [table])
    for name, definition in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        made_again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return [*made_again, f"ALTER TABLE {table} ENABLE TRIGGER USER"]


def load(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, each {field: value} with the same fields. In all other fields they have what the first one has."""
    remaining = iter(rows)
    values = next(remaining, None)
    if values is None:
        return
    [first] = model._default_manager.bulk_create([model(**values)])
    model._default_manager.filter(pk=first.pk).update(**values)  # also what is set when a row is saved
    table, given = model._meta.db_table, [model._meta.get_field(name).column for name in values]
    others = [
        field.column
        for field in model._meta.local_concrete_fields
        if not field.primary_key and field.column not in given
    ]
    with connection.cursor() as cursor:
        texts = ", ".join(f'"{column}"::text' for column in others)
        cursor.execute(f"SELECT {texts} FROM {table} WHERE {model._meta.pk.column} = %s", [first.pk])
        constant = "".join(f"\t{_copied(value)}" for value in cursor.fetchone())
        columns = ", ".join(f'"{column}"' for column in (*given, *others))
        for some in batched(remaining, ROWS_AT_A_TIME):
            lines = "".join(f"{'\t'.join(map(_copied, row.values()))}{constant}\n" for row in some)
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(lines))


def public_id(number: int) -> str:
    """An identifier of the form of `core.public_id`, another one for each number."""
    number, digits = number * 2654435761 % len(ALPHABET) ** 10, []
    for _digit in range(10):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def _copied(value: Any) -> str:
    """A value in the text format of COPY."""
    match value:
        case None:
            return r"\N"
        case str():
            escaped = value.replace("\\", r"\\").replace("\n", r"\n")
            return escaped.replace("\t", r"\t").replace("\r", r"\r")
        case list():
            members = (member.replace("\\", r"\\").replace('"', r"\"") for member in value)
            return _copied("{" + ",".join(f'"{member}"' for member in members) + "}")
        case bool() | int() | datetime():
            return str(value)
    raise TypeError(f"{type(value)} is not copied")
