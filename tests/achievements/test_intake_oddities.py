"""Odd cells of human sheets: what is understood, and that nothing is understood wrongly without a word."""

from datetime import date

import pytest

from accounts.models import Organisation
from achievements.intake.engine import read_sheet
from achievements.intake.headers import HeaderIndex
from achievements.intake.reading import SheetContext
from achievements.sheet_columns import achievement_columns
from taxonomy.models import Industry
from tests import factories
from tests.achievements.oddities.judge import FOLDER, INSTITUTIONS, judged

pytestmark = pytest.mark.django_db


@pytest.fixture
def understand():
    context_institutions = {}
    for name, short in INSTITUTIONS.items():
        institution = factories.institution(name)
        Organisation.objects.filter(pk=institution.pk).update(short_name=short)
        context_institutions[institution.pk] = (name, short)
    slugs = dict(Industry.objects.values_list("pk", "slug"))
    context = SheetContext(context_institutions, slugs, frozenset(), "0411", date(2026, 11, 30))
    columns = achievement_columns()
    return lambda content: read_sheet(content, "x.xlsx", columns=columns, context=context)


@pytest.mark.parametrize("name", ["known.txt", "held_out.txt", "held_out_2.txt"])
def test_odd_cells_are_understood_as_a_clerk_would(understand, name):
    results = judged(name, understand)
    wrong = [
        (header, cell, expected, line["status"], line["value"])
        for header, cell, expected, line, how in results
        if how != "right"
    ]
    assert len(results) > 150 and wrong == []


def test_headers_of_other_sheets_are_understood():
    index = HeaderIndex(achievement_columns())
    lines = (FOLDER / "headers.txt").read_text(encoding="utf-8").splitlines()[1:]
    expected = dict(line.split(" ¦ ") for line in lines)
    assert len(expected) > 100
    assert {header: index.find(header)[0] or "-" for header in expected} == expected
