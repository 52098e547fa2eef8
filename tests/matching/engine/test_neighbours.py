from hypothesis import given
from hypothesis import strategies as st

from matching.engine.corpus import Item
from matching.engine.neighbours import NearestNeighbours

ITEMS = [
    Item(1, "轴承套圈滚道磨削烧伤在线检测仪", "磨削后滚道上的烧伤用涡流法全检，三十秒一只。"),
    Item(2, "轴承滚道磨削烧伤在线检测装置", "用涡流法检查套圈滚道磨后的烧伤，每只不到一分钟。"),
    Item(3, "海参低温熟化工艺", "低温长时熟化，保持质构，减少营养流失。"),
    Item(4, "海参常温即食加工", "高压熟化与包装，常温保存半年。"),
    Item(5, "港口集装箱翻箱优化", "按船期预测翻箱，减少集卡等待。"),
]


def test_the_most_similar_comes_first_and_an_item_is_not_its_own_neighbour():
    results = NearestNeighbours(ITEMS).nearest(ITEMS, 2)
    assert [neighbours[0].id for neighbours in results[:4]] == [2, 1, 4, 3]
    for item, neighbours in zip(ITEMS, results, strict=True):
        assert item.id not in {neighbour.id for neighbour in neighbours}


def test_a_duplicate_is_found_by_its_title_or_by_its_text():
    index = NearestNeighbours(ITEMS)
    by_title = index.likely_duplicates([Item(0, "轴承套圈滚道磨削烧伤在线检测", "")])[0]
    assert [neighbour.id for neighbour in by_title] == [1, 2]
    copied = Item(0, "一种无损检查方法", ITEMS[4].text)
    assert [neighbour.id for neighbour in index.likely_duplicates([copied])[0]] == [5]
    assert index.likely_duplicates([Item(0, "海参养殖水温调控", "池塘")]) == [[]]


def test_a_search_by_titles_only_returns_both_cosines():
    index, queries = NearestNeighbours(ITEMS), [Item(0, ITEMS[0].title, ITEMS[0].text)]
    [[first, *_]] = index.nearest(queries, 3, titles_only=True)
    assert (first.id, first.title_cosine, first.text_cosine) == (1, 1.0, 1.0)


def test_items_without_common_terms_are_no_neighbours_and_an_empty_index_has_none():
    assert NearestNeighbours(ITEMS).nearest([Item(0, "zzz", "")]) == [[]]
    assert NearestNeighbours([]).nearest(ITEMS[:1]) == [[]]


@given(st.text(), st.text())
def test_any_text_has_neighbours_or_none(title, text):
    for neighbour in NearestNeighbours(ITEMS).nearest([Item(0, title, text)])[0]:
        assert 0 <= neighbour.title_cosine <= 1 and 0 <= neighbour.text_cosine <= 1


def test_a_result_does_not_depend_on_the_other_queries():
    index = NearestNeighbours(ITEMS)
    assert index.nearest(ITEMS, 3) == [index.nearest([item], 3)[0] for item in ITEMS]
