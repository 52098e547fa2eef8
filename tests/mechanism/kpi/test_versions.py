"""The version of a definition changes with what is counted and with nothing else."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db.models import F, Q

from mechanism.kpi.definitions import FigurePart
from mechanism.kpi.registry import FIGURES

TURNOVER = FIGURES["turnover"]
PINNED = Path(__file__).with_name("versions.json")


@pytest.mark.parametrize(
    "change",
    [
        {"select_rows": lambda rows, period: TURNOVER.select_rows(rows, period).filter(is_seller_local=True)},
        {"amount_field": "tech_amount_wan"},
        {"date_field": "signed_on"},
        {"numerator": Q(is_buyer_local=True)},
        {"dimensions": TURNOVER.dimensions | {"region": "buyer_region"}},
        {"parts": TURNOVER.parts[1:]},
        {"parts": (FigurePart("related", "关联", "", Q(seller=F("buyer"))), *TURNOVER.parts[:3])},
    ],
)
def test_another_definition_is_another_version(change):
    assert replace(TURNOVER, **change).version != TURNOVER.version


def test_better_words_and_later_days_are_the_same_version():
    assert replace(TURNOVER, label="成交额", formula="换一种说法", since=date(2027, 1, 1)).version == TURNOVER.version
    assert len({figure.version for figure in FIGURES.values()}) == len(FIGURES)


def test_versions_need_no_query(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        for figure in FIGURES.values():
            assert replace(figure).version == figure.version


def test_a_changed_definition_says_since_when():
    """A difference here means that a figure counts something else than before: published numbers need a note. Set
    `since` of the figure to the day of the release, and write the version of this message into versions.json."""
    present = {key: [figure.version, figure.since.isoformat()] for key, figure in FIGURES.items()}
    assert present == json.loads(PINNED.read_text("utf-8")), json.dumps(present, indent=1)
