"""Lists give a valid result for any query string."""

import unicodedata

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from core.search_results import LONGEST_QUERY, SearchResults, clean_query
from portal import search_options
from tests import factories


def find(query_string: str = "") -> SearchResults:
    return SearchResults(
        Achievement.objects.published(),
        facets=search_options.achievement_facets(),
        orders=search_options.achievement_orders(),
        params=QueryDict(query_string),
    )


@given(st.text())
def test_clean_query_returns_one_visible_line(text):
    cleaned = clean_query(text)
    assert len(cleaned) <= LONGEST_QUERY
    assert cleaned == " ".join(cleaned.split())
    assert not [c for c in cleaned if unicodedata.category(c)[0] == "C"]
    assert clean_query(cleaned) == cleaned


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  固态\t电解质\r\n", "固态 电解质"),
        ("固\x00态\u200b", "固态"),
        ("海水😀", "海水😀"),
        ("", ""),
        ("膜" * 300, "膜" * 100),
    ],
)
def test_clean_query_examples(typed, read):
    assert clean_query(typed) == read


PAGES = [("", 1), ("2", 2), ("abc", 1), ("-1", 1), ("0", 1), ("99999", 3), ("9" * 5000, 1), ("２", 2)]


@pytest.mark.django_db
def test_any_page_number_has_a_page():
    for _number in range(2 * PAGE_SIZE + 1):
        factories.achievement()
    for page, number in PAGES:
        assert find(f"page={page}").page.number == number, page


@pytest.mark.django_db
def test_empty_list_has_one_empty_page():
    results = find("page=7")
    assert (results.total, results.page.number, list(results.page)) == (0, 1, [])


@pytest.mark.django_db
def test_url_keeps_known_parameters_and_drops_others():
    factories.achievement()
    results = find("q=正极&bucket=lab&bucket=pilot&way=licence&sort=price&page=3&nonsense=1")
    assert results.url() == "?q=%E6%AD%A3%E6%9E%81&bucket=lab&bucket=pilot&way=licence&sort=price"
    assert [chip.url for chip in results.chosen_links] == [
        "?q=%E6%AD%A3%E6%9E%81&bucket=pilot&way=licence&sort=price",
        "?q=%E6%AD%A3%E6%9E%81&bucket=lab&way=licence&sort=price",
        "?q=%E6%AD%A3%E6%9E%81&bucket=lab&bucket=pilot&sort=price",
    ]
    assert results.clear_url == "?q=%E6%AD%A3%E6%9E%81"


@pytest.mark.django_db
def test_broader_links_have_true_counts_largest_first():
    for bucket, ways in (("lab", ["licence"]), ("lab", ["licence"]), ("pilot", ["assignment"])):
        factories.achievement(maturity_bucket=bucket, transfer_ways=ways)
    results = find("bucket=pilot&way=licence")
    assert results.total == 0
    assert [(out.label, out.count) for out in results.broader_links] == [("中试", 2), ("技术许可", 1)]
    for out in results.broader_links:
        assert find(out.url.removeprefix("?")).total == out.count


@pytest.mark.django_db
def test_orders():
    cheap = factories.achievement(title="便宜的", price_min_wan=10, maturity_bucket="concept")
    dear = factories.achievement(title="昂贵的", price_max_wan=900, maturity_bucket="industrial")
    open_price = factories.achievement(title="面议的", maturity_bucket="")
    assert list(find().page) == [open_price, dear, cheap]
    assert list(find("sort=price").page) == [cheap, dear, open_price]
    assert list(find("sort=maturity").page) == [dear, cheap, open_price]
    assert list(find("sort=nonsense").page) == [open_price, dear, cheap]


@pytest.mark.django_db
def test_relevance_orders_title_keyword_text_matches():
    text = factories.achievement(title="甲", summary="用于海水淡化。")
    words = factories.achievement(title="乙", keywords=["海水"])
    title = factories.achievement(title="海水淡化膜")
    factories.achievement(title="丁")
    assert list(find("q=海水").page) == [title, words, text]
    assert find("q=海水").order.name == "relevance"
    assert find().order.name == "newest"


@pytest.mark.django_db
def test_one_character_is_too_short_to_search():
    factories.achievement(title="铁素体")
    results = find("q=铁")
    assert results.is_too_short
    assert results.total == 1
    assert results.terms == []


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_search_pages_are_complete_and_ordered(monkeypatch, size):
    monkeypatch.setattr("core.pagination.PAGE_SIZE", size)
    texts = [factories.achievement(title=f"乙{n}", summary="用于海水淡化。", stage="early") for n in range(4)]
    words = [factories.achievement(title=f"丙{n}", keywords=["海水"]) for n in range(2)]
    titles = [factories.achievement(title=f"海水淡化膜{n}") for n in range(3)]
    expected = [*reversed(titles), *reversed(words), *reversed(texts)]
    pages = find("q=海水").page.paginator.num_pages
    assert [row for page in range(1, pages + 1) for row in find(f"q=海水&page={page}").page] == expected
