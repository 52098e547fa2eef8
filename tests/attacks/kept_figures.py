"""Totals of figures are kept from one request to the next, as they are in production."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mechanism.kpi.aggregation import AggregatedTotals
from mechanism.kpi.kept_totals import KeptTotals


@contextmanager
def kept_figures() -> Iterator[None]:
    """The product keeps totals outside of a transaction that has written; a test is within one. Their keys are the
    product's: they say whose rows were counted. For readers of rows that do not change: what is kept stays.
    """
    kept: dict[str, AggregatedTotals] = {}

    def read(keys):
        return KeptTotals({key: kept[key] for key in set(keys) & kept.keys()})

    def keep(_totals, counted):
        kept.update((key, totals) for key, (totals, _dependence) in counted.items())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KeptTotals, "read", read)
        patched.setattr(KeptTotals, "keep", keep)
        yield
