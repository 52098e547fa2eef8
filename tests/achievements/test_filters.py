from decimal import Decimal

import pytest
from django.http import QueryDict

from achievements.filters import AchievementFilter
from achievements.models import Achievement
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    energy = Industry.objects.get(slug="energy")
    storage = Industry.objects.create(slug="storage", name="储能", parent=energy)
    return {
        "a": factories.achievement(
            title="甲", stage="early", maturity_bucket="lab", price_min_wan=Decimal(30), keywords=["包覆", "电池"]
        ),
        "b": factories.achievement(title="乙", industry=energy, transfer_ways=["equity", "licence"], pay_later=True),
        "c": factories.achievement(
            title="丙", industry=storage, institution=factories.institution("大连大学"), price_max_wan=Decimal(200)
        ),
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "abc"),
        ({"industry": ["energy"]}, "bc"),
        ({"industry": ["energy", "materials"]}, "abc"),
        ({"industry": ["storage"]}, "c"),
        ({"stage": ["early"]}, "a"),
        ({"bucket": ["lab", "pilot"]}, "a"),
        ({"way": ["equity"]}, "b"),
        ({"way": ["equity", "licence"]}, "abc"),
        ({"price": ["under50"]}, "a"),
        ({"price": ["negotiable"]}, "b"),
        ({"price": ["200-1000", "under50"]}, "ac"),
        ({"price": ["50-200"]}, ""),
        ({"pay_later": ["true"]}, "b"),
        ({"pay_later": ["false"]}, "ac"),
        ({"keyword": ["包覆"]}, "a"),
        ({"keyword": ["包"]}, ""),
        ({"industry": ["energy"], "way": ["equity"]}, "b"),
        ({"industry": ["energy"], "stage": ["early"]}, ""),
    ],
)
def test_values_of_one_filter_are_alternatives(rows, asked, expected):
    params = QueryDict(mutable=True)
    for name, values in asked.items():
        params.setlist(name, values)
    filtered = AchievementFilter(params, queryset=Achievement.objects.all())
    assert filtered.form.is_valid(), filtered.form.errors
    assert set(filtered.qs) == {rows[name] for name in expected}


def test_filter_by_institution(rows):
    asked = QueryDict(f"institution={rows['c'].institution.public_id}")
    assert set(AchievementFilter(asked, queryset=Achievement.objects.all()).qs) == {rows["c"]}


@pytest.mark.parametrize(("q", "expected"), [("包覆", "a"), ("覆电", ""), ("连大", "c"), ("\u200b\u200b", "")])
def test_text_search(rows, q, expected):
    Achievement.objects.update(summary="热泵机组变频控制")
    asked = AchievementFilter({"q": q}, queryset=Achievement.objects.all())
    assert set(asked.qs) == {rows[name] for name in expected}


def test_one_character_is_too_short_to_search():
    assert "q" in AchievementFilter({"q": "热"}, queryset=Achievement.objects.all()).form.errors


def test_an_unknown_choice_is_a_form_error():
    filtered = AchievementFilter(QueryDict("industry=nowhere&price=cheap"), queryset=Achievement.objects.all())
    assert set(filtered.form.errors) == {"industry", "price"}
