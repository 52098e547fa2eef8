"""Rows that the tests of a module or class share, in place of rows created for each test.

Each test still runs in a transaction of its own inside this one: it sees the rows as they were created.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def kept_rows(django_db_blocker) -> Iterator[None]:
    """Rows that are created inside exist until the context ends. For fixtures of scope "module" or "class" that ask
    for `django_db_setup`. They hand out primary keys: an object that a test changes would be changed for the next.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
