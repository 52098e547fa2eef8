"""Near-duplicates of demands: found if slightly reworded, not across subjects."""

from matching.engine import Item
from matching.engine.near_duplicates import SIMILARITY_THRESHOLD, NearDuplicates

BEARING = "轴承套圈磨削烧伤现在靠酸洗抽检，想找能在线全检的仪器，磨床边上就能测，工人看得懂，不要再配人来判图。"
DEMANDS = [
    Item(1, "套圈磨削烧伤在线检测", BEARING),
    Item(2, "轴承套圈磨削烧伤检测", BEARING.replace("仪器", "设备") + "今年内要用上。"),
    Item(3, "海参育苗池水质调控", "育苗池氨氮高，换水成本大，想找菌剂或循环水办法，苗期不能停。"),
    Item(4, "", ""),
    Item(5, "", ""),
]


def test_a_reworded_demand_is_found_and_another_subject_is_not():
    first, second, third, *_rest = NearDuplicates(DEMANDS).groups()
    assert first == second != third


def test_demands_without_terms_are_not_near_duplicates():
    groups = NearDuplicates(DEMANDS).groups()
    assert groups[3] != groups[4]


def test_few_common_words_make_no_near_duplicate():
    groups = NearDuplicates([Item(n, f"第{n}项需求", "") for n in range(9)]).groups()
    assert len(set(groups)) == 9


def test_new_demands_are_compared_with_known_ones():
    similarities = (
        NearDuplicates(DEMANDS[:3]).similarities_to([DEMANDS[1], Item(9, "别的", "完全不同的内容")]).toarray()
    )
    assert similarities[0, 0] > SIMILARITY_THRESHOLD and similarities[0, 1] > 0.9 and similarities[0, 2] == 0
    assert not similarities[1].any()


def test_no_demands_have_no_groups():
    assert NearDuplicates([]).groups() == []


def test_groups_made_by_people_are_found(shared_data):
    """Nearly all pairs of demands that people put into one group are found, and no others."""
    import json

    demands = {}
    for line in (shared_data / "matching_pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        demands[row["demand_id"]] = (Item(row["demand_id"], row["demand_title"], row["demand_text"]), row["group"])
    items, groups = zip(*demands.values(), strict=True)
    computed = NearDuplicates(items).groups()
    pairs = [(i, j) for i in range(len(items)) for j in range(i)]
    predicted = {(i, j) for i, j in pairs if computed[i] == computed[j]}
    expected = {(i, j) for i, j in pairs if groups[i] == groups[j]}
    assert not predicted - expected
    assert len(predicted & expected) >= 0.9 * len(expected)
