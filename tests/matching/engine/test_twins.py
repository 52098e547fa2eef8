"""Near-copies of needs: found when reworded a little, never across subjects."""

from matching.engine import Item
from matching.engine.twins import Likeness

BEARING = "轴承套圈磨削烧伤现在靠酸洗抽检，想找能在线全检的仪器，磨床边上就能测，工人看得懂，不要再配人来判图。"
NEEDS = [
    Item(1, "套圈磨削烧伤在线检测", BEARING),
    Item(2, "轴承套圈磨削烧伤检测", BEARING.replace("仪器", "设备") + "今年内要用上。"),
    Item(3, "海参育苗池水质调控", "育苗池氨氮高，换水成本大，想找菌剂或循环水办法，苗期不能停。"),
    Item(4, "", ""),
    Item(5, "", ""),
]


def test_a_reworded_need_is_found_and_another_subject_is_not():
    first, second, third, *_rest = Likeness(NEEDS).groups()
    assert first == second != third


def test_needs_without_words_are_no_copies_of_each_other():
    groups = Likeness(NEEDS).groups()
    assert groups[3] != groups[4]


def test_a_few_plain_words_in_common_make_no_copy():
    groups = Likeness([Item(n, f"第{n}项需求", "") for n in range(9)]).groups()
    assert len(set(groups)) == 9


def test_new_needs_are_compared_with_known_ones():
    alike = Likeness(NEEDS[:3]).to([NEEDS[1], Item(9, "别的", "完全不同的内容")]).toarray()
    assert alike[0, 0] > 0.5 and alike[0, 1] > 0.9 and alike[0, 2] == 0
    assert not alike[1].any()


def test_nothing_at_all():
    assert Likeness([]).groups() == []


def test_groups_made_by_hand_are_found(shared_data):
    """Pairs of needs that people put into one group: nearly all found, nothing that they kept apart."""
    import json

    needs = {}
    for line in (shared_data / "matching_pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        needs[row["demand_id"]] = (Item(row["demand_id"], row["demand_title"], row["demand_text"]), row["group"])
    items, groups = zip(*needs.values(), strict=True)
    found = Likeness(items).groups()
    pairs = [(i, j) for i in range(len(items)) for j in range(i)]
    together = {(i, j) for i, j in pairs if found[i] == found[j]}
    by_hand = {(i, j) for i, j in pairs if groups[i] == groups[j]}
    assert not together - by_hand
    assert len(together & by_hand) >= 0.9 * len(by_hand)
