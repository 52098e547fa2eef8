"""Odd cells of human sheets: what is understood, and that nothing is understood wrongly without a word."""

import pytest

from achievements.intake.engine import read_sheet
from achievements.intake.headers import HeaderIndex
from achievements.sheet_columns import achievement_columns
from tests.achievements.oddities.judge import FOLDER, judged

pytestmark = pytest.mark.django_db


@pytest.fixture
def understand(intake_context):
    columns = achievement_columns()
    return lambda content: read_sheet(content, "x.xlsx", columns=columns, context=intake_context)


@pytest.mark.long
def test_odd_cells_are_understood_as_a_clerk_would(understand):
    """One sheet for each header, with the cells of all lists."""
    results = judged(["known.txt", "held_out.txt", "held_out_2.txt", "held_out_3.txt"], understand)
    wrong = [
        (header, cell, expected, line["status"], line["value"])
        for header, cell, expected, line, how in results
        if how != "right"
    ]
    assert len(results) > 400 and wrong == []


def test_headers_of_other_sheets_are_understood():
    index = HeaderIndex(achievement_columns())
    lines = (FOLDER / "headers.txt").read_text(encoding="utf-8").splitlines()[1:]
    expected = dict(line.split(" ¦ ") for line in lines)
    assert len(expected) > 100
    assert {header: index.find(header)[0] or "-" for header in expected} == expected
