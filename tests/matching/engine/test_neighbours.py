from hypothesis import given
from hypothesis import strategies as st

from matching.engine.corpus import Item
from matching.engine.neighbours import Neighbours

ITEMS = [
    Item(1, "轴承套圈滚道磨削烧伤在线检测仪", "磨削后滚道上的烧伤用涡流法全检，三十秒一只。"),
    Item(2, "轴承滚道磨削烧伤在线检测装置", "用涡流法检查套圈滚道磨后的烧伤，每只不到一分钟。"),
    Item(3, "海参低温熟化工艺", "低温长时熟化，保持质构，减少营养流失。"),
    Item(4, "海参常温即食加工", "高压熟化与包装，常温保存半年。"),
    Item(5, "港口集装箱翻箱优化", "按船期预测翻箱，减少集卡等待。"),
]


def test_the_likest_comes_first_and_an_item_is_not_its_own_neighbour():
    near = Neighbours(ITEMS).nearest(ITEMS, 2)
    assert [found[0].id for found in near[:4]] == [2, 1, 4, 3]
    assert all(item.id not in {one.id for one in found} for item, found in zip(ITEMS, near, strict=True))


def test_the_same_thing_entered_twice_is_found_by_its_title_or_by_its_text():
    neighbours = Neighbours(ITEMS)
    assert [one.id for one in neighbours.doubles([Item(0, "轴承套圈滚道磨削烧伤在线检测", "")])[0]] == [1, 2]
    copied = Item(0, "一种无损检查方法", ITEMS[4].text)
    assert [one.id for one in neighbours.doubles([copied])[0]] == [5]
    assert neighbours.doubles([Item(0, "海参养殖水温调控", "池塘")]) == [[]]


def test_by_titles_alone_the_cosines_of_what_is_found_are_those_of_both():
    neighbours, asked = Neighbours(ITEMS), [Item(0, ITEMS[0].title, ITEMS[0].text)]
    [[one, *_]] = neighbours.nearest(asked, 3, titles_only=True)
    assert (one.id, one.title, one.whole) == (1, 1.0, 1.0)


def test_nothing_in_common_is_no_neighbour_and_an_empty_registry_has_none():
    assert Neighbours(ITEMS).nearest([Item(0, "zzz", "")]) == [[]]
    assert Neighbours([]).nearest(ITEMS[:1]) == [[]]


@given(st.text(), st.text())
def test_any_text_has_neighbours_or_none(title, text):
    for one in Neighbours(ITEMS).nearest([Item(0, title, text)])[0]:
        assert 0 <= one.title <= 1 and 0 <= one.whole <= 1


def test_the_answer_does_not_depend_on_what_else_is_asked():
    neighbours = Neighbours(ITEMS)
    assert neighbours.nearest(ITEMS, 3) == [neighbours.nearest([item], 3)[0] for item in ITEMS]
