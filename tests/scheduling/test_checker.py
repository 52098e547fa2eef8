"""The checker reports each kind of violation."""

from dataclasses import replace

import pytest

from scheduling import (
    AgendaActivity,
    Assignment,
    Event,
    InvalidEventError,
    Lock,
    MeetingHall,
    MeetingParty,
    Person,
    Precedence,
    RequestedMeeting,
    Schedule,
    TimeSlot,
    check,
)

EVENT = Event(
    slots=tuple(TimeSlot(540 + 30 * n, 560 + 30 * n) for n in range(4)),
    halls=(MeetingHall("A", 1), MeetingHall("B", (1, 1, 0, 1))),
    parties=(
        MeetingParty("F1", "甲公司", max_meetings=2),
        MeetingParty("F2", "乙公司", availability=((570, 600), (600, 700))),
        MeetingParty("T1", "示例大学", (Person("p"), Person("q", availability=((540, 680),)))),
        MeetingParty("T2", "另一示例大学", (Person("q"),)),
    ),
    meetings=(
        RequestedMeeting(1, ("F1", "T1"), required=True),
        RequestedMeeting(2, ("F2", "T1"), slots=(1, 2, 3)),
        RequestedMeeting(3, ("F1", "T2")),
        RequestedMeeting(4, ("F2", "T2")),
    ),
    walking_minutes={("A", "B"): 20},
    activities=(AgendaActivity("推介", 600, 620, parties=("F1",)),),
    locks=(Lock(1, 0, "A", 1),),
    precedences=(Precedence(1, 2),),
)
VALID = Schedule((Assignment(1, 0, "A", 1), Assignment(2, 1, "A", 1), Assignment(3, 3, "B", 1)), {4: "桌位已满"})


def changed(meeting: int, **changes) -> Schedule:
    return replace(
        VALID, assignments=tuple(replace(m, **changes) if m.meeting == meeting else m for m in VALID.assignments)
    )


def test_a_valid_schedule_has_no_violations():
    assert check(EVENT, VALID) == []


@pytest.mark.parametrize(
    "schedule, message",
    [
        (replace(VALID, assignments=(*VALID.assignments, Assignment(9, 2, "A", 1))), "不存在的洽谈"),
        (replace(VALID, left_out={}), "没有说明原因"),
        (replace(VALID, left_out={3: "x", 4: "x"}), "既安排又列为未安排"),
        (replace(VALID, assignments=(*VALID.assignments, Assignment(2, 2, "A", 1))), "安排了 2 次"),
        (replace(VALID, assignments=VALID.assignments[1:], left_out={1: "x", 4: "x"}), "必须安排却没有安排"),
        (changed(3, table=2), "没有 2 号桌"),
        (changed(3, hall="C"), "不存在的场地"),
        (changed(3, slot=9), "不存在的时段"),
        (changed(3, slot=1, hall="A"), "1 号桌安排了 2 场"),
        (changed(3, slot=2, hall="A"), "来不及"),  # the agenda activity
        (changed(2, hall="B"), "来不及"),  # walking from hall A
        (changed(2, slot=0, hall="B"), "不在场"),
        (changed(2, slot=0, hall="B"), "不在限定的时段"),
        (changed(2, slot=0, hall="B"), "没有先于"),
        (changed(1, slot=1, hall="B"), "锁定的洽谈“1”被改动"),
        (changed(1, hall="B"), "换了桌"),
    ],
)
def test_each_kind_of_violation_is_reported(schedule, message):
    assert any(message in violation for violation in check(EVENT, schedule))


def test_exceeding_the_limit_of_a_party_is_reported():
    event = replace(EVENT, parties=(replace(EVENT.parties[0], max_meetings=1), *EVENT.parties[1:]))
    assert check(event, VALID) == ["“甲公司”有 2 场，超过最多 1 场"]


def test_a_person_of_two_parties_cannot_attend_two_meetings_at_once():
    event = replace(EVENT, walking_minutes={}, activities=(), precedences=())
    schedule = changed(3, slot=1, hall="B")
    assert any("“q”来不及" in violation for violation in check(event, schedule))


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"slots": ()}, "没有洽谈时段"),
        ({"slots": (TimeSlot(540, 560), TimeSlot(550, 570))}, "重叠"),
        (
            {
                "slots": (TimeSlot(1430, 10),),
                "locks": (),
                "halls": (MeetingHall("A", 1),),
                "meetings": (),
                "precedences": (),
            },
            "跨过零点时请接着往后数分钟",
        ),
        ({"halls": (MeetingHall("A", 0),)}, "没有洽谈桌"),
        ({"halls": (MeetingHall("A", 1), MeetingHall("A", 2))}, "场地“A”出现了不止一次"),
        ({"halls": (MeetingHall("A", (1, 2)),)}, "对不上"),
        ({"halls": (MeetingHall("A", 1), MeetingHall("B", -1))}, "不能小于 0"),
        ({"parties": (*EVENT.parties, MeetingParty("F1"))}, "单位“F1”出现了不止一次"),
        ({"meetings": (RequestedMeeting(1, ("F1", "F1")),), "precedences": ()}, "双方是同一个单位"),
        ({"meetings": (RequestedMeeting(1, ("F1", "deleted")),), "precedences": ()}, "不存在或已删除"),
        ({"meetings": (RequestedMeeting(1, ("F1", "T1"), people=("p", "z")),), "precedences": ()}, "不在双方人员之中"),
        ({"meetings": (RequestedMeeting(1, ("F1", "T1"), people=()),), "precedences": ()}, "没有点名"),
        ({"meetings": (RequestedMeeting(1, ("F1", "T1"), -1),), "precedences": ()}, "权重"),
        ({"meetings": (RequestedMeeting(1, ("F1", "T1"), slots=(4,)),), "precedences": ()}, "限定在不存在的时段"),
        ({"locks": (Lock(1, 0, "A", 1), Lock(2, 0, "A", 1))}, "1 张桌"),
        ({"locks": (Lock(1, 0, "A", 2),)}, "1 张桌"),
        ({"locks": (Lock(1, 0, None, 2),)}, "说明场地"),
        ({"locks": (Lock(7, 0),)}, "锁定了不存在的洽谈"),
        ({"locks": (Lock(1, 7),)}, "锁定在不存在的时段"),
        ({"precedences": (Precedence(1, 1),)}, "两场存在的不同洽谈"),
        ({"activities": (AgendaActivity("推介", 600, 620, parties=("x",)),)}, "“x”不存在或已删除"),
        ({"activities": (AgendaActivity("推介", 600, 600),)}, "结束得不晚于开始"),
    ],
)
def test_an_inconsistent_event_is_rejected_with_a_message(changes, message):
    with pytest.raises(InvalidEventError) as raised:
        replace(EVENT, **changes)
    assert any(message in problem for problem in raised.value.problems)
