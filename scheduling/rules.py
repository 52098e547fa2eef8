"""Hard limits by name, so that an explanation can say which of them cannot hold together."""

from dataclasses import dataclass

from scheduling.event import Event, Id, people_of


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit of an event. `kind` and what `subject` is:

    hold: a wish that must be held; presence: a person; slots: a wish with slots of its own; lock: a wish;
    order: (before, after); item: (number of the agenda item, person); most: a party; tables: None, all of them.
    """

    kind: str
    subject: object = None


TABLES = Rule("tables")


def words(event: Event, rule: Rule) -> str:
    """The rule as a sentence for people."""
    return globals()[f"_{rule.kind}"](event, rule.subject)


def slot_name(event: Event, slot: int) -> str:
    return str(event.slots[slot])


def pair(event: Event, wish_id: Id) -> str:
    return " 与 ".join(_name(event, party) for party in event.wish(wish_id).parties)


def _name(event: Event, party_id: Id) -> str:
    return event.party(party_id).name or str(party_id)


def person_name(event: Event, person_id: Id) -> str:
    for party in event.parties:
        for person in people_of(party):
            if person.id == person_id:
                return person.name or party.name or str(person.id)
    return str(person_id)


def _hold(event: Event, wish_id: Id) -> str:
    return f"{pair(event, wish_id)}的洽谈必须安排"


def _presence(event: Event, person_id: Id) -> str:
    name = person_name(event, person_id)
    absent = [slot_name(event, n) for n in absent_slots(event, person_id)]
    if len(absent) == len(event.slots):
        return f"{name}全天不在场"
    return f"{name}有 {len(absent)} 个时段不在场（{'、'.join(absent)}）"


def absent_slots(event: Event, person_id: Id) -> list[int]:
    """Slots, from 0, in which a person is not there from beginning to end."""
    windows = [
        (party.present, person.present)
        for party in event.parties
        for person in people_of(party)
        if person.id == person_id
    ]
    return [
        n
        for n, slot in enumerate(event.slots)
        if not all(covers(window, slot.start, slot.end) for pair_ in windows for window in pair_)
    ]


def covers(windows: tuple | None, start: int, end: int) -> bool:
    """Whether windows, which may touch or overlap, hold the whole time from start to end. None holds everything."""
    if windows is None:
        return True
    reached = start
    for opens, closes in sorted(windows):
        if opens <= reached < closes:
            reached = closes
    return reached >= end


def _slots(event: Event, wish_id: Id) -> str:
    allowed = [slot_name(event, n) for n in event.wish(wish_id).slots or ()]
    return f"{pair(event, wish_id)}只能安排在 {'、'.join(allowed) or '（没有任何时段）'}"


def _lock(event: Event, wish_id: Id) -> str:
    lock = next(one for one in event.locks if one.wish == wish_id)
    return f"{pair(event, wish_id)}已锁定在 {slot_name(event, lock.slot)}"


def _order(event: Event, subject: tuple[Id, Id]) -> str:
    before, after = subject
    return f"{pair(event, before)}要先于 {pair(event, after)}"


def _item(event: Event, subject: tuple[int, Id]) -> str:
    number, person = subject
    item = event.items[number]
    start = f"{item.start // 60 % 24:02}:{item.start % 60:02}"
    end = f"{item.end // 60 % 24:02}:{item.end % 60:02}"
    return f"{person_name(event, person)}要参加 {start}–{end} 的“{item.name}”"


def _most(event: Event, party_id: Id) -> str:
    return f"{_name(event, party_id)}最多洽谈 {event.party(party_id).most} 场"


def _tables(event: Event, _) -> str:
    totals = [sum(hall.tables_at(n) for hall in event.halls) for n in range(len(event.slots))]
    if len(set(totals)) == 1:
        return f"每个时段只有 {totals[0]} 张桌"
    return f"各时段的桌数为 {'、'.join(map(str, totals))}"


ADVICE = {
    "hold": "不安排{}的洽谈",
    "presence": "请{}全程在场",
    "slots": "不限定{}的时段",
    "lock": "取消{}的锁定",
    "order": "取消先后要求“{}”",
    "item": "不要求{}",
    "most": "放宽“{}”",
    "tables": "增加洽谈桌",
}


def advice(event: Event, rule: Rule) -> str:
    """What to do so that the rule no longer binds."""
    if rule.kind in ("hold", "slots", "lock"):
        subject = pair(event, rule.subject)
    elif rule.kind == "presence":
        subject = person_name(event, rule.subject)
    elif rule.kind == "item":
        subject = words(event, rule).replace("要参加", "参加")
    else:
        subject = words(event, rule)
    return ADVICE[rule.kind].format(subject)
