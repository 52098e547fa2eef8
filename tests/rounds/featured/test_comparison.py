"""Differences between two lists, with reasons."""

from rounds.featured import GroupQuotas, ListedItem, ManualDecisions, Quota, compare_lists, select_featured
from tests.rounds.featured.offers import offer, rules


def listed(proposal) -> list[ListedItem]:
    return [ListedItem(seat.key, seat.candidate.title, seat.rank, seat.score) for seat in proposal.chosen]


def as_tuples(changes) -> list[tuple]:
    return [(change.kind, change.key, change.before, change.after, change.why) for change in changes]


OFFERED = [offer("a"), offer("b"), offer("c"), offer("d", "乙大学", maturity="lab")]


def test_same_list_has_no_changes():
    proposal = select_featured(OFFERED, rules(3))
    assert compare_lists(listed(proposal), proposal) == []


def test_ban_removes_adds_and_moves():
    before = select_featured(OFFERED, rules(3))
    after = select_featured(OFFERED, rules(3), ManualDecisions(bans={"a": "专利有争议"}))
    assert as_tuples(compare_lists(listed(before), after)) == [
        ("in", "d", 0, 3, "13.5 分；还没有已采纳的匹配"),
        ("out", "a", 1, 0, "不选：专利有争议"),
        ("moved", "b", 2, 1, "前面调出 1 项"),
        ("moved", "c", 3, 2, "前面调出 1 项"),
    ]


def test_additions_have_reasons():
    before = select_featured(OFFERED, rules(2))
    after = select_featured(OFFERED, rules(2, institutions=GroupQuotas(Quota(1, None))))
    changes = compare_lists(listed(before), after)
    assert [change.kind for change in changes] == ["in", "out"]
    assert changes[0].why.startswith("按规则乙大学至少 1 项；")
    assert changes[1].why == "名额先给了必选的和未达下限的院校、产业"


def test_manual_place_and_changed_score_are_reasons():
    before = select_featured(OFFERED, rules(3))
    by_hand = select_featured(OFFERED, rules(3), ManualDecisions(places={"c": 1}))
    assert as_tuples(compare_lists(listed(before), by_hand)) == [
        ("moved", "c", 3, 1, "手动放在第 1 位"),
        ("moved", "a", 1, 2, "前面的顺序有变化"),
        ("moved", "b", 2, 3, "前面的顺序有变化"),
    ]
    better = [*OFFERED[:2], offer("c", accepted=3), OFFERED[3]]
    moved = compare_lists(listed(before), select_featured(better, rules(3)))
    assert moved[0].why == "得分 24.0 → 56.0"


def test_removed_candidates_have_a_reason():
    proposal = select_featured(OFFERED, rules(3))
    gone = [*listed(proposal), ListedItem("x", "下架的成果", 4)]
    assert as_tuples(compare_lists(gone, proposal)) == [("out", "x", 4, 0, "已不在可推介的成果中")]
