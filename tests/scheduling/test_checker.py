"""The checker finds each kind of fault in a plan that was sound before."""

from dataclasses import replace

import pytest

from scheduling import BadEvent, Event, Hall, Item, Lock, Meeting, Order, Party, Person, Plan, Slot, Wish, check

EVENT = Event(
    slots=tuple(Slot(540 + 30 * n, 560 + 30 * n) for n in range(4)),
    halls=(Hall("A", 1), Hall("B", (1, 1, 0, 1))),
    parties=(
        Party("F1", "甲公司", most=2),
        Party("F2", "乙公司", present=((570, 600), (600, 700))),
        Party("T1", "示例大学", (Person("p"), Person("q", present=((540, 680),)))),
        Party("T2", "另一示例大学", (Person("q"),)),
    ),
    wishes=(
        Wish(1, ("F1", "T1"), must=True),
        Wish(2, ("F2", "T1"), slots=(1, 2, 3)),
        Wish(3, ("F1", "T2")),
        Wish(4, ("F2", "T2")),
    ),
    walks={("A", "B"): 20},
    items=(Item("推介", 600, 620, parties=("F1",)),),
    locks=(Lock(1, 0, "A", 1),),
    orders=(Order(1, 2),),
)
SOUND = Plan((Meeting(1, 0, "A", 1), Meeting(2, 1, "A", 1), Meeting(3, 3, "B", 1)), {4: "桌位已满"})


def moved(wish: int, **changes) -> Plan:
    return replace(SOUND, meetings=tuple(replace(m, **changes) if m.wish == wish else m for m in SOUND.meetings))


def test_a_sound_plan_passes():
    assert check(EVENT, SOUND) == []


@pytest.mark.parametrize(
    "plan, words",
    [
        (replace(SOUND, meetings=(*SOUND.meetings, Meeting(9, 2, "A", 1))), "不存在的洽谈"),
        (replace(SOUND, left_out={}), "没有说明原因"),
        (replace(SOUND, left_out={3: "x", 4: "x"}), "既安排又列为未安排"),
        (replace(SOUND, meetings=(*SOUND.meetings, Meeting(2, 2, "A", 1))), "安排了 2 次"),
        (replace(SOUND, meetings=SOUND.meetings[1:], left_out={1: "x", 4: "x"}), "必须安排却没有安排"),
        (moved(3, table=2), "没有 2 号桌"),
        (moved(3, hall="C"), "不存在的场地"),
        (moved(3, slot=9), "不存在的时段"),
        (moved(3, slot=1, hall="A"), "1 号桌安排了 2 场"),
        (moved(3, slot=2, hall="A"), "来不及"),  # the item
        (moved(2, hall="B"), "来不及"),  # from hall A
        (moved(2, slot=0, hall="B"), "不在场"),
        (moved(2, slot=0, hall="B"), "不在限定的时段"),
        (moved(2, slot=0, hall="B"), "没有先于"),
        (moved(1, slot=1, hall="B"), "锁定的洽谈“1”被改动"),
        (moved(1, hall="B"), "换了桌"),
    ],
)
def test_a_fault_is_found(plan, words):
    assert any(words in problem for problem in check(EVENT, plan))


def test_more_meetings_than_wanted_are_found():
    event = replace(EVENT, parties=(replace(EVENT.parties[0], most=1), *EVENT.parties[1:]))
    assert check(event, SOUND) == ["“甲公司”有 2 场，超过最多 1 场"]


def test_people_of_two_parties_cannot_sit_twice():
    event = replace(EVENT, walks={}, items=(), orders=())
    plan = moved(3, slot=1, hall="B")
    assert any("“q”来不及" in problem for problem in check(event, plan))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"slots": ()}, "没有洽谈时段"),
        ({"slots": (Slot(540, 560), Slot(550, 570))}, "重叠"),
        (
            {"slots": (Slot(1430, 10),), "locks": (), "halls": (Hall("A", 1),), "wishes": (), "orders": ()},
            "跨过零点时请接着往后数分钟",
        ),
        ({"halls": (Hall("A", 0),)}, "没有洽谈桌"),
        ({"halls": (Hall("A", 1), Hall("A", 2))}, "场地“A”出现了不止一次"),
        ({"halls": (Hall("A", (1, 2)),)}, "对不上"),
        ({"halls": (Hall("A", 1), Hall("B", -1))}, "不能小于 0"),
        ({"parties": (*EVENT.parties, Party("F1"))}, "单位“F1”出现了不止一次"),
        ({"wishes": (Wish(1, ("F1", "F1")),), "orders": ()}, "双方是同一个单位"),
        ({"wishes": (Wish(1, ("F1", "deleted")),), "orders": ()}, "不存在或已删除"),
        ({"wishes": (Wish(1, ("F1", "T1"), people=("p", "z")),), "orders": ()}, "不在双方人员之中"),
        ({"wishes": (Wish(1, ("F1", "T1"), people=()),), "orders": ()}, "没有点名"),
        ({"wishes": (Wish(1, ("F1", "T1"), -1),), "orders": ()}, "权重"),
        ({"wishes": (Wish(1, ("F1", "T1"), slots=(4,)),), "orders": ()}, "限定在不存在的时段"),
        ({"locks": (Lock(1, 0, "A", 1), Lock(2, 0, "A", 1))}, "1 张桌"),
        ({"locks": (Lock(1, 0, "A", 2),)}, "1 张桌"),
        ({"locks": (Lock(1, 0, None, 2),)}, "说明场地"),
        ({"locks": (Lock(7, 0),)}, "锁定了不存在的洽谈"),
        ({"locks": (Lock(1, 7),)}, "锁定在不存在的时段"),
        ({"orders": (Order(1, 1),)}, "两场存在的不同洽谈"),
        ({"items": (Item("推介", 600, 620, parties=("x",)),)}, "“x”不存在或已删除"),
        ({"items": (Item("推介", 600, 600),)}, "结束得不晚于开始"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused_in_words(changes, words):
    with pytest.raises(BadEvent) as raised:
        replace(EVENT, **changes)
    assert any(words in problem for problem in raised.value.problems)
