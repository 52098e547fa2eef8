"""Reasons why there is no plan, as text with names, and possible relaxations."""

from rounds.models import DockingRound
from scheduling import Event, InfeasibleError, InvalidEventError
from scheduling.constraints import Constraint, Relaxation, absent_slots, describe, relaxation, slot_name
from scheduling.event import Id, MeetingParty
from scheduling.infeasibility import minimum_relaxation, suggest_relaxations
from scheduling.shortage import shortage_of

RELAXATION_SECONDS = 10.0
"""Time limit for testing relaxations."""
MAX_COMBINED_MEETINGS = 500
"""Largest event for which the fewest constraints to give up together are computed."""
MAX_TOPICS = 3
"""Topics named for one party in a sentence."""
PAGE_BY_WORD = {
    "时段": "slots",
    "洽谈桌": "halls",
    "场地": "halls",
    "桌": "halls",
    "议程": "agenda",
    "在场": "parties",
    "场次": "parties",
}
"""The page that fixes a fault, by the first of these words in its sentence; else the page of meetings."""


def missing_inputs(docking_round: DockingRound) -> list[dict]:
    """Return what is missing before planning: {"kind": "bad", "text", "link"}, in the order in which to fix it."""
    problems = []
    if not docking_round.slots.exists():
        problems.append(_problem("没有洽谈时段，请先设置时段", "slots"))
    if not docking_round.halls.filter(tables__gt=0).exists():
        problems.append(_problem("没有洽谈桌，请至少给一个场地设置一张桌", "halls"))
    if not docking_round.parties.coming().exists():
        problems.append(_problem("还没有单位答复参加，请先邀请并收集答复", "parties"))
    elif not docking_round.meetings.wanted().exists():
        problems.append(_problem("还没有要安排的洽谈，请先汇总已采纳的匹配，或添加洽谈", "meetings"))
    return problems


def event_problems(error: InvalidEventError) -> list[dict]:
    return [_problem(text, _page(text)) for text in error.problems]


def _page(text: str) -> str:
    return next((link for word, link in PAGE_BY_WORD.items() if word in text), "meetings")


def _problem(text: str, link: str) -> dict:
    return {"kind": "bad", "text": text, "link": link}


def infeasibility_problems(event: Event, error: InfeasibleError) -> list[dict]:
    """Return the conflict as one sentence, then relaxations: {"kind": "relax", "text", "works": True, False or
    None}; one that works also has "cost" and, if staff can adopt it at once, "adopt"."""
    shortage = shortage_of(event, error.conflict)
    text = conflict_text(event, error.conflict, number=shortage.needed if shortage else 0)
    if shortage is not None:
        text = f"{text.removesuffix('。')}：{shortage}。"
    problems: list[dict] = [{"kind": "conflict", "text": text, "minimal": error.minimal}]
    for way in suggest_relaxations(event, error, seconds=RELAXATION_SECONDS):
        if way.constraint.kind == "slots":
            continue  # slots that have begun cannot be had back
        problem = {"kind": "relax", "text": way.text, "works": way.works}
        problems.append(problem | (_way_out(event, way) if way.works else {}))
    if not any(problem.get("adopt") for problem in problems) and len(event.meetings) <= MAX_COMBINED_MEETINGS:
        problems += _combined_way(event)
    return problems


def _combined_way(event: Event) -> list[dict]:
    """The fewest constraints that must be given up together, if no single one that staff decide alone helps."""
    given_up = [relaxation(event, constraint, works=True) for constraint in minimum_relaxation(event)]
    if any(way.constraint.kind not in ("required", "lock", "precedence") for way in given_up):
        return []
    return [
        {
            "kind": "relax",
            "text": f"一起放宽这 {len(given_up)} 条：{'；'.join(way.text for way in given_up)}",
            "works": True,
            "cost": "；".join(dict.fromkeys(_way_out(event, way)["cost"] for way in given_up)),
            "adopt": {"kind": "several", "ways": [_way_out(event, way)["adopt"] for way in given_up]},
        }
    ]


def _way_out(event: Event, way: Relaxation) -> dict:
    """What the relaxation costs, and how it is adopted: a kind with primary keys."""
    kind, subject = way.constraint.kind, way.constraint.subject
    if kind == "required":
        return {"cost": "这场改为尽量安排，可能排不上", "adopt": {"kind": kind, "meeting": int(subject)}}
    if kind == "lock":
        return {"cost": "这场可能换时间或换桌", "adopt": {"kind": kind, "meeting": int(subject)}}
    if kind == "precedence":
        before, after = subject
        cost = "这两场的先后不再保证"
        return {"cost": cost, "adopt": {"kind": kind, "before": int(before), "after": int(after)}}
    if kind == "tables":
        hall = event.halls[0]
        cost = f"{hall.name}要多摆 {way.amount} 张桌"
        return {"cost": cost, "adopt": {"kind": kind, "hall": int(hall.id), "more": way.amount}}
    if kind == "max_meetings":
        party = event.party(subject)
        cost = f"要先征得{party.name}同意：它答复最多 {party.max_meetings} 场"
        return {"cost": cost, "adopt": {"kind": kind, "party": int(subject), "most": way.amount}}
    if kind == "availability":
        party = _party_of(event, subject)
        cost = f"要先征得{party.name}同意：{_constraint_text(event, way.constraint)}"
        return {"cost": cost, "adopt": {"kind": kind, "party": int(party.id)}}
    return {"cost": "要先与这位参加人商定", "link": "agenda"}


def conflict_text(event: Event, conflict: tuple[Constraint, ...], number: int = 0) -> str:
    """“甲公司 14:00 后离场，与乙、丙、丁 3 场锁定洽谈冲突。” if the constraints concern one side's meetings; else
    each constraint. `number`: how many meetings compete in all, if they are more than those of the conflict."""
    locked = {rule.subject for rule in conflict if rule.kind == "lock"}
    required = [rule.subject for rule in conflict if rule.kind == "required" and rule.subject not in locked]
    limits = [rule for rule in conflict if rule.kind not in ("lock", "required")]
    limits_text = "，".join(_constraint_text(event, rule) for rule in limits)
    party = _common_party(event, [*locked, *required])
    if party is not None and (limits or required or locked):
        groups = ((locked, "锁定"), (required, "必须安排的"))
        more = number if not (locked and required) else 0
        texts = [_meetings_text(event, party, meetings, what, more) for meetings, what in groups if meetings]
        mine = limits_text or f"{event.party(party).name}同一时段只能在一张桌"
        return f"{mine}，与{'，以及'.join(texts)}冲突。"
    parts = [limits_text] if limits_text else []
    parts += [describe(event, Constraint("lock", meeting)) for meeting in sorted(locked)]
    parts += [describe(event, Constraint("required", meeting)) for meeting in required]
    return "以下要求不能同时满足：" + "；".join(parts) + "。"


def _common_party(event: Event, meetings: list):
    """Return the party common to all these meetings, or None."""
    common = None
    for meeting in meetings:
        pair = set(event.meeting(meeting).parties)
        common = pair if common is None else common & pair
    if not common:
        return None
    return min(common)


def _meetings_text(event: Event, party, meetings, what: str, more: int = 0) -> str:
    """“大工（海水阀、减振）、理工 3 场锁定洽谈”: each other side once, with the topics."""
    topics: dict[str, list[str]] = {}
    for meeting in sorted(meetings):
        other = next(event.party(other).name for other in event.meeting(meeting).parties if other != party)
        topics.setdefault(other, []).append(event.meeting(meeting).topic)
    others = "、".join(_side_text(name, named) for name, named in topics.items())
    number = max(len(meetings), more)
    others += "等" if number > len(meetings) else ""
    return f"{others}{f' {number} 场' if number > 1 else '的'}{what}洽谈"


def _side_text(name: str, topics: list[str]) -> str:
    named = list(dict.fromkeys(topic for topic in topics if topic))
    if not named:
        return name
    more = "等" if len(named) > MAX_TOPICS else ""
    return f"{name}（{'、'.join(named[:MAX_TOPICS])}{more}）"


def _party_of(event: Event, person_id: Id) -> MeetingParty:
    return event.parties_by_person[person_id][0][0]


def _constraint_text(event: Event, rule: Constraint) -> str:
    if rule.kind != "availability":
        return describe(event, rule)
    party = _party_of(event, rule.subject)
    absent = absent_slots(event, rule.subject)
    last = len(event.slots) - 1
    if absent == list(range(len(event.slots))):
        return f"{party.name}全天不在场"
    if absent and absent == list(range(absent[0], last + 1)):
        left = [end for _start, end in party.availability or ()]
        moment = max(left) if left else event.slots[absent[0]].start
        return f"{party.name} {moment // 60 % 24:02}:{moment % 60:02} 后离场"
    if absent and absent == list(range(absent[-1] + 1)):
        come = [start for start, _end in party.availability or ()]
        moment = min(come) if come else event.slots[absent[-1]].end
        return f"{party.name} {moment // 60 % 24:02}:{moment % 60:02} 才到场"
    return f"{party.name}在 {'、'.join(slot_name(event, number) for number in absent)} 不在场"
