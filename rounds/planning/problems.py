"""Reasons why there is no plan, as text with names, and possible relaxations."""

from rounds.models import DockingRound
from scheduling import Event, InfeasibleError, InvalidEventError
from scheduling.constraints import Constraint, absent_slots, describe, slot_name
from scheduling.event import people_of
from scheduling.infeasibility import suggest_relaxations

RELAXATION_SECONDS = 10.0
"""Time limit for testing relaxations."""
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
    None}."""
    problems = [{"kind": "conflict", "text": conflict_text(event, error.conflict), "minimal": error.minimal}]
    for relaxation in suggest_relaxations(event, error, seconds=RELAXATION_SECONDS):
        problems.append({"kind": "relax", "text": relaxation.text, "works": relaxation.works})
    return problems


def conflict_text(event: Event, conflict: tuple[Constraint, ...]) -> str:
    """“甲公司 14:00 后离场，与乙、丙、丁 3 场锁定洽谈冲突。” if the constraints concern one side's meetings; else
    each constraint."""
    locked = {rule.subject for rule in conflict if rule.kind == "lock"}
    required = [rule.subject for rule in conflict if rule.kind == "required" and rule.subject not in locked]
    limits = [rule for rule in conflict if rule.kind not in ("lock", "required")]
    limits_text = "，".join(_constraint_text(event, rule) for rule in limits)
    party = _common_party(event, [*locked, *required])
    if party is not None and (limits or required or locked):
        groups = ((locked, "锁定"), (required, "必须安排的"))
        texts = [_meetings_text(event, party, meetings, what) for meetings, what in groups if meetings]
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


def _meetings_text(event: Event, party, meetings, what: str) -> str:
    others = [
        next(event.party(other).name for other in event.meeting(meeting).parties if other != party)
        for meeting in sorted(meetings)
    ]
    return f"{'、'.join(others)}{f' {len(others)} 场' if len(others) > 1 else '的'}{what}洽谈"


def _constraint_text(event: Event, rule: Constraint) -> str:
    if rule.kind != "availability":
        return describe(event, rule)
    party = next(party for party in event.parties for person in people_of(party) if person.id == rule.subject)
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
