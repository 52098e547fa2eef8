"""Checklists of the status changes of a round. Pure: facts in, sentences out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RoundFacts:
    """The state of a round, counted by `rounds.readiness.round_facts`."""

    status: str
    today: date
    starts_on: date
    is_over: bool
    place: str = ""
    hosts: tuple[str, ...] = ()
    undertakers: tuple[str, ...] = ()
    themes: str = ""
    holiday: str = ""
    """Why its day is no working day; empty if it is one."""
    halls: int = 0
    tables: int = 0
    slots: int = 0
    slots_outside: int = 0
    agenda: int = 0
    clashes: tuple[str, ...] = ()
    """Conflicts of people, halls and achievements within the agenda, as text."""
    overlaps: tuple[str, ...] = ()
    """Published meetings at a time when a party must attend an agenda item, as text."""
    featured: int = 0
    parties: int = 0
    waiting: int = 0
    """Invited parties that have not answered."""
    published_version: int | None = None
    meetings: int = 0
    without_outcome: int = 0
    """Held meetings of which nobody recorded an outcome; `silent` in the report."""
    unfinished: int = 0
    """Meetings that were begun and not ended."""
    not_begun: int = 0
    """Planned meetings of two present parties that are neither begun nor marked as missed; `unrecorded` and
    `pending` in the report."""
    open_matches: int = 0
    is_matching: bool = False
    """Whether the run after the round is still in progress."""
    is_report_released: bool = False
    documents: int = 0
    now: datetime | None = None
    begins_from: datetime | None = None
    """From when on it can be begun, until `ends_at`. Moments are local."""
    ends_at: datetime | None = None
    closes_from: datetime | None = None
    """Its end, or the end of the last meeting of a running round."""


@dataclass(frozen=True)
class ChecklistItem:
    """`words`: the condition. `remedy`: what to do if it is not met. `where`: key of the page to fix it. An unmet
    hard item refuses the step, a soft one is a warning."""

    key: str
    words: str
    is_done: bool
    remedy: str
    where: str
    is_hard: bool = True


STEPS = {
    "preparing": "announce",
    "gathering": "schedule",
    "scheduled": "begin",
    "running": "close",
    "closed": "archive",
}
"""The next step of each status."""


def checklist(step: str, facts: RoundFacts) -> list[ChecklistItem]:
    """Return the items of a step: announce, schedule, begin, close or archive."""
    return ITEMS[step](facts)


def refusals(step: str, facts: RoundFacts) -> list[str]:
    """Return why the step is not possible, each with what to do; empty if it is."""
    return [item.remedy for item in checklist(step, facts) if item.is_hard and not item.is_done]


def warnings(step: str, facts: RoundFacts) -> list[str]:
    """Return recommendations that do not prevent the step."""
    return [item.remedy for item in checklist(step, facts) if not item.is_hard and not item.is_done]


def _announce(facts: RoundFacts) -> list[ChecklistItem]:
    return [
        ChecklistItem("time", "活动时间还没有过去", not facts.is_over, "活动的结束时间已过，请先改时间。", "round"),
        ChecklistItem("place", "写明地点", bool(facts.place), "还没有地点，请填写。", "round"),
        ChecklistItem("host", "写明主办单位", bool(facts.hosts), "还没有主办单位，请选择。", "round"),
        ChecklistItem(
            "halls",
            "至少一个场地有洽谈桌",
            facts.tables > 0,
            "场地都没有洽谈桌，请填写桌数。" if facts.halls else "还没有场地，请添加场地和桌数。",
            "halls",
        ),
        _soft("workday", "当天是工作日", not facts.holiday, facts.holiday, "round"),
        _soft("themes", "写明主题", bool(facts.themes), "还没有主题，企业不知道这场谈什么。", "round"),
        _soft("undertaker", "写明承办单位", bool(facts.undertakers), "还没有承办单位。", "round"),
        _soft("slots", "有洽谈时段", facts.slots > 0, "还没有洽谈时段，可以现在生成。", "venue"),
        _soft("documents", "有活动文件", facts.documents > 0, "还没有上传通知等活动文件。", "venue"),
    ]


def _schedule(facts: RoundFacts) -> list[ChecklistItem]:
    return [
        ChecklistItem("slots", "有洽谈时段", facts.slots > 0, "还没有洽谈时段，请先生成。", "venue"),
        ChecklistItem(
            "inside",
            "时段都在活动时间之内",
            not facts.slots_outside,
            "有 %d 个时段在活动时间之外，请改时段或活动时间。" % facts.slots_outside,
            "venue",
        ),
        ChecklistItem(
            "timetable",
            "洽谈日程已发布",
            facts.published_version is not None,
            "还没有发布的洽谈日程，请先排期并发布。",
            "timetable",
        ),
        ChecklistItem("clashes", "议程没有冲突", not facts.clashes, _all_of("议程有冲突：", facts.clashes), "agenda"),
        ChecklistItem(
            "overlaps",
            "应到议程的单位同时没有洽谈",
            not facts.overlaps,
            _all_of("议程和洽谈日程冲突：", facts.overlaps),
            "timetable",
        ),
        _soft("agenda", "有议程", facts.agenda > 0, "还没有议程，参会单位看不到当天安排。", "agenda"),
        _soft("featured", "选定推介成果", facts.featured > 0, "还没有选定推介成果。", "featured"),
        _soft(
            "answers",
            "受邀单位都已答复",
            not facts.waiting,
            "还有 %d 个受邀单位没有答复，可以先催一次。" % facts.waiting,
            "guests",
        ),
    ]


def _begin(facts: RoundFacts) -> list[ChecklistItem]:
    when = facts.starts_on.strftime("%Y-%m-%d")
    if facts.is_over:
        words = "活动定在 %s，结束时间已过，不能再开始；没有办的请用“取消活动”，办过的请用“结束并匹配”。" % when
    else:
        words = "活动定在 %s，还没有到：%s 起才能开始。" % (when, _moment(facts.begins_from))
    return [
        ChecklistItem("day", "已到活动当天", _has_come(facts.begins_from, facts) and not facts.is_over, words, ""),
        _soft(
            "timetable",
            "洽谈日程已发布",
            facts.published_version is not None,
            "还没有发布的洽谈日程，到场的人不知道几点在哪桌。",
            "timetable",
        ),
        _soft("parties", "有参会单位", facts.parties > 0, "还没有确认参加的单位。", "guests"),
    ]


def _close(facts: RoundFacts) -> list[ChecklistItem]:
    early = "要提前结束，请用“提前结束”并写明原因。" if facts.status == "running" else "不办了请用“取消活动”。"
    return [
        ChecklistItem(
            "time",
            "活动或最后一场洽谈已经结束",
            _has_come(facts.closes_from, facts),
            "还没有到结束的时候：%s 起才能结束并匹配。%s" % (_moment(facts.closes_from), early),
            "",
        ),
        _outcomes(facts, "结束后仍可补记。"),
    ]


def _archive(facts: RoundFacts) -> list[ChecklistItem]:
    return [
        _soft("report", "活动总结已发布", facts.is_report_released, "活动总结还没有发布。", "report"),
        ChecklistItem(
            "matching", "会后匹配已完成", not facts.is_matching, "会后匹配还在进行，完成后才能归档。", "matches"
        ),
        _soft(
            "matches",
            "会后匹配都已审核",
            not facts.open_matches,
            "会后匹配还有 %d 条待各区市县审核。" % facts.open_matches,
            "matches",
        ),
        _outcomes(facts),
    ]


def _outcomes(facts: RoundFacts, end: str = "") -> ChecklistItem:
    """A meeting of which nobody knows whether it was held has no outcome either."""
    parts = [
        words % number
        for words, number in (
            ("%d 场排定的洽谈没有记录是否举行，谈过的请在洽谈桌页补记，没谈的请记为没有进行", facts.not_begun),
            ("%d 场洽谈记录了开始，没有记录结束", facts.unfinished),
            ("%d 场洽谈没有记录结果", facts.without_outcome),
        )
        if number
    ]
    return _soft("outcomes", "每场洽谈都记了结果", not parts, f"还有 {'；还有 '.join(parts)}。{end}", "meetings")


ITEMS: dict[str, Callable[[RoundFacts], list[ChecklistItem]]] = {
    "announce": _announce,
    "schedule": _schedule,
    "begin": _begin,
    "close": _close,
    "archive": _archive,
}


def _has_come(moment: datetime | None, facts: RoundFacts) -> bool:
    return moment is None or facts.now is None or moment <= facts.now


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _soft(key: str, words: str, is_done: bool, remedy: str, where: str) -> ChecklistItem:
    return ChecklistItem(key, words, is_done, remedy, where, is_hard=False)


def _all_of(beginning: str, sentences: tuple[str, ...], most: int = 3) -> str:
    rest = "（共 %d 处）" % len(sentences) if len(sentences) > most else ""
    return beginning + "；".join(sentences[:most]) + rest
