"""Copies of expressions in the tests are those that Django makes without `tests.quick_expressions`."""

from copy import _reconstruct

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from tests.quick_expressions import copy_of


def test_a_copy_is_that_of_django():
    case = Case(When(Q(pk=1), then=Value(2)), output_field=IntegerField())
    rows = Exists(User.objects.filter(pk=OuterRef("pk")))
    for expression in (Value(1), Coalesce(Value("甲"), Value("乙")), case, rows):
        assert expression.convert_value is expression.convert_value  # cached, and not copied
        plain = _reconstruct(expression, None, *expression.__reduce_ex__(4))
        copied = copy_of(expression)
        assert (type(copied), copied.__dict__) == (type(plain), plain.__dict__)
