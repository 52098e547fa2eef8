"""Range expressions for exclusion constraints."""

from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func


def single_value_range(name: str) -> Func:
    """Return the range that holds one number, so that equality works in an exclusion constraint without btree_gist."""
    return Func(F(name), F(name), models.Value("[]"), function="int8range", output_field=BigIntegerRangeField())


def half_open_range(start: str, end: str) -> Func:
    """Return [start, end): a period that ends at ten does not overlap one that starts at ten."""
    return Func(F(start), F(end), function="tstzrange", output_field=DateTimeRangeField())
