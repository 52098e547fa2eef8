"""Rows that the tests of a module or class share, in place of rows created for each test.

Each test still runs in a transaction of its own inside this one: it sees the rows as they were created.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def kept_rows(django_db_blocker) -> Iterator[None]:
    """Rows that are created inside exist until the context ends. For fixtures of scope "module" or "class" that ask
    for `django_db_setup`. They hand out primary keys, or tests take a `deepcopy` of the objects: an object that a test
    changes would be changed for the next. The rows are there for every later test of the module or class, which may
    count them; a test with `transaction=True` cannot stand beside them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
