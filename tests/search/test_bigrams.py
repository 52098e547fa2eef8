"""A search finds every substring of a text in any spelling, and nothing else."""

import random

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achievements.models import Achievement
from search.bigrams import contains, is_searchable, query_words
from tests import factories

pytestmark = pytest.mark.django_db


def titles_with(q: str) -> set[str]:
    return set(Achievement.objects.filter(contains(q, "keywords", "title", "summary")).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("q", "searchable"),
    [("", False), ("轴", False), (" 轴 ", False), ("轴\u200b", False), ("轴承", True), ("轴 承", True), ("㎡", True)],
)
def test_a_query_needs_two_visible_characters(q, searchable):
    assert is_searchable(q) is searchable


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("轴承", ["轴承"]),
        ("轴承 寿命", ["轴承", "寿命"]),
        ("轴 承", ["轴承"]),
        ("PEM 膜", ["PEM膜"]),
        ("轴承　寿命", ["轴承", "寿命"]),
    ],
)
def test_a_query_is_split_into_words(q, expected):
    assert query_words(q) == expected


def test_a_query_of_one_character_is_an_error():
    with pytest.raises(ValueError, match="two characters"):
        contains("轴", "keywords", "title", "summary")


@pytest.mark.parametrize(
    "q",
    [
        "轴承",
        "密轴承寿",
        "ＰＥＭ",
        "pem",
        "燃料电池",
        "燃料 电池",
        "电池 轴承",
        "m2",
        "㎡",
        "50%",
        "a_b",
        "'\"",
        "\\n",
        "陶瓷球",
        "陶瓷",
    ],
)
def test_other_spellings_of_a_text_are_found(q):
    factories.achievement(
        title="精密轴承寿命", summary="PEM 燃料\n电池 100㎡，50%，a_b，'\"，\\n。", keywords=["陶瓷球", "润滑"]
    )
    factories.achievement(title="无关", summary="无关", keywords=["无关"])
    assert titles_with(q) == {"精密轴承寿命"}


@pytest.mark.parametrize("q", ["A´", "角A´", "A´ 测量", "角 A´"])
def test_characters_that_nfkc_splits_are_found(q):
    factories.achievement(title="夹角A´测量")
    assert titles_with(q) == {"夹角A´测量"}


@pytest.mark.parametrize(
    "q", ["轴润", "承精", "寿命PEM", "球润滑", "命寿", "5%0", "a%b", "axb", "轴承 无关", "精密寿命"]
)
def test_characters_that_are_not_adjacent_are_not_found(q):
    factories.achievement(
        title="精密轴承寿命", summary="PEM 燃料\n电池 100㎡，50%，a_b，轴线。", keywords=["陶瓷球", "润滑"]
    )
    factories.achievement(title="无关", summary="无关", keywords=["无关"])
    assert titles_with(q) == set()


def test_bigrams_in_another_order_do_not_match():
    factories.achievement(title="一", summary="电池燃，料电，燃料")
    assert titles_with("燃料电池") == set()


TEXTS = st.text(
    st.one_of(
        st.sampled_from("轴承寿命电池材料abAB１２ \n，。%_'\"\\{}"),
        st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc", "Cn", "Co", "Mn", "Mc", "Me"]),
    ),
    min_size=2,
    max_size=60,
)


@pytest.mark.long
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, place=st.randoms(use_true_random=False))
def test_every_substring_is_found(text, place):
    start = place.randrange(len(text) - 1)
    q = text[start : place.randint(start + 2, len(text))]
    if not is_searchable(q):
        return
    made = factories.achievement(summary=text)
    assert Achievement.objects.filter(contains(q, "keywords", "title", "summary"), pk=made.pk).exists()


def test_the_end_of_a_long_repetitive_text_is_found():
    factories.achievement(title="长文", summary="试验" * 1499 + "末尾")
    assert titles_with("验末尾") == {"长文"}


def test_the_results_equal_those_of_a_full_scan():
    source = random.Random(7)
    letters = "轴承寿命电池材料涂层"
    for _ in range(60):
        factories.achievement(summary="".join(source.choices(letters, k=40)))
    for _ in range(100):
        q = "".join(source.choices(letters, k=source.choice([2, 2, 3, 4])))
        scan = Achievement.objects.filter(Q(title__contains=q) | Q(summary__contains=q))
        assert titles_with(q) == set(scan.values_list("title", flat=True)), q


def test_postgresql_keeps_no_statistics_of_bigrams():
    factories.achievement()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE achievements_achievement; ANALYZE demands_demand")
        cursor.execute("SELECT tablename FROM pg_stats WHERE tablename LIKE '%_by_bigram'")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("q", ["轴承", "轴承寿命", "轴承 寿命"])
def test_queries_use_the_index(q):
    for number in range(30):
        factories.achievement(summary=f"轴承寿命{number}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Achievement.objects.filter(contains(q, "keywords", "title", "summary")).explain()
    assert "Bitmap Index Scan on achievement_by_bigram" in plan
