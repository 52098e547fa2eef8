"""Ranges of columns, for constraints that let no two rows overlap."""

from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func


def single_value_range(name: str) -> Func:
    """The range that holds one number, so that equality can stand in an exclusion constraint without an extension."""
    return Func(F(name), F(name), models.Value("[]"), function="int8range", output_field=BigIntegerRangeField())


def half_open_range(start: str, end: str) -> Func:
    """From `start` to before `end`: what ends at ten does not overlap what begins at ten."""
    return Func(F(start), F(end), function="tstzrange", output_field=DateTimeRangeField())
