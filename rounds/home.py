"""The home of a round: its five phases with what is done and what is late; and the next act.

Every number is that of a queryset or of `RoundFacts`; `where` names the page with its rows.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate, localtime

from accounts.models import User
from rounds import checklist, home_lists
from rounds.checklist import RoundFacts
from rounds.home_waits import AFTER_DAYS
from rounds.models import (
    DockingRound,
    Meeting,
    Paper,
    Party,
    Placement,
    Timetable,
)
from rounds.round_dates import MIN_NOTICE_DAYS
from rounds.services.guest_messages import call_list

Status = DockingRound.Status


@dataclass(frozen=True)
class Line:
    """A number with its words. `where`: a key of the pages of a round; `query`: what narrows the page to the rows."""

    number: int
    words: str
    where: str = ""
    query: str = ""


@dataclass
class Phase:
    """state: done, current, coming. `late`: sentences with the reason."""

    key: str
    name: str
    when: str
    state: str = "coming"
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NextAct:
    """The one next act. `act`: a step of the round (`rounds.views.staff.round_acts`), or `where` a page."""

    words: str
    why: str
    button: str = ""
    act: str = ""
    where: str = ""
    query: str = ""


@dataclass(frozen=True)
class RoundCounts:
    """Numbers of the rows that this user manages; `manages_teams`: also of institutions."""

    listed_firms: int
    listed_teams: int
    invited: int
    coming_firms: int
    coming_teams: int
    silent_firms: int
    silent_teams: int
    to_remind: int
    to_print: int
    to_call: int
    wanted: int
    placed: int
    here: int
    expected: int
    with_needs: int
    held: int
    papers: int
    without_outcome: int
    open_matches: int
    manages_teams: bool

    @property
    def listed(self) -> int:
        return self.listed_firms + self.listed_teams


def round_counts(docking_round: DockingRound, user: User) -> RoundCounts:
    """Count what this user manages; about a dozen queries."""
    parties = Party.objects.managed_by(user).active().filter(docking_round=docking_round)
    firm, team = Q(side=Party.Side.FIRM), Q(side=Party.Side.INSTITUTION)
    coming, silent = Q(answer=Party.Answer.COMING), Q(answer=Party.Answer.INVITED)
    number = parties.aggregate(
        listed_firms=Count("pk", filter=firm & Q(answer=Party.Answer.LISTED)),
        listed_teams=Count("pk", filter=team & Q(answer=Party.Answer.LISTED)),
        coming_firms=Count("pk", filter=firm & coming),
        coming_teams=Count("pk", filter=team & coming),
        silent_firms=Count("pk", filter=firm & silent),
        silent_teams=Count("pk", filter=team & silent),
    )
    meetings = Meeting.objects.managed_by(user).filter(docking_round=docking_round)
    talks = meetings.exclude(status=Meeting.Status.DROPPED)
    placed = Placement.objects.filter(timetable__status=Timetable.Status.PUBLISHED, meeting__in=talks)
    return RoundCounts(
        **number,
        manages_teams=user.scope.sees_all,
        invited=parties.invited().count(),
        to_remind=parties.to_be_reminded().count(),
        to_print=parties.filter(firm).to_be_printed().count(),
        to_call=call_list(docking_round, user).filter(party__in=parties.awaiting_answer()).count(),
        wanted=talks.count(),
        placed=placed.count(),
        expected=home_lists.expected_people(docking_round, user).count(),
        with_needs=home_lists.people_with_needs(docking_round, user).count(),
        here=home_lists.people_here(docking_round, user).count(),
        held=talks.filter(status__in=Meeting.SAT_DOWN).count(),
        papers=Paper.objects.managed_by(user).filter(docking_round=docking_round).count(),
        without_outcome=talks.filter(status__in=Meeting.SAT_DOWN, outcomes=None).count(),
        open_matches=home_lists.open_matches(docking_round, user).count(),
    )


def parties_without_talk(docking_round: DockingRound, user: User) -> QuerySet[Party]:
    """Coming parties without a talk in the published timetable, or any wanted talk before there is one."""
    talks = Meeting.objects.filter(docking_round=docking_round).exclude(status=Meeting.Status.DROPPED)
    if published := docking_round.timetables.published().first():
        talks = talks.filter(placements__timetable=published)
    coming = Party.objects.managed_by(user).coming().filter(docking_round=docking_round)
    rows = coming.exclude(pk__in=talks.values("firm_party")).exclude(pk__in=talks.values("institution_party"))
    return rows.select_related("organisation")


# --- The phases ----------------------------------------------------------------------------------------------------
def phases(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> list[Phase]:
    """The five phases in order; at most one is current."""
    made = [
        _preparation(docking_round, facts),
        _guests(docking_round, facts, counts),
        _planning(docking_round, facts, counts),
        _day(docking_round, facts, counts),
        _after(docking_round, facts, counts),
    ]
    if docking_round.status not in (Status.CANCELLED, Status.ARCHIVED):
        current = next((phase for phase in made if phase.state != "done"), None)
        if current:
            current.state = "current"
    return made


def _preparation(docking_round: DockingRound, facts: RoundFacts) -> Phase:
    announced = docking_round.announced_at
    latest = facts.starts_on - timedelta(days=MIN_NOTICE_DAYS)
    phase = Phase("prepare", "筹备", f"{_day_of(latest)} 前发布")
    phase.lines = [
        Line(facts.featured, "项推介成果", "rows", "featured"),
        Line(facts.halls, "个场地", "venue"),
        Line(facts.tables, "张洽谈桌", "venue"),
        Line(facts.slots, "个洽谈时段", "venue"),
        Line(facts.agenda, "项议程", "agenda"),
    ]
    if docking_round.status != Status.PREPARING:
        phase.state = "done"
        phase.when = f"{_day_of(localdate(announced))}发布" if announced else "已发布"
    elif facts.today > latest:
        days = max(0, (facts.starts_on - facts.today).days)
        phase.late.append("离活动只有 %d 天：邀请和答复一般要 %d 天，请尽快发布或改期。" % (days, MIN_NOTICE_DAYS))
    return phase


def _guests(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> Phase:
    phase = Phase("guests", "邀请", f"{_day_of(facts.starts_on - timedelta(days=7))} 前答复齐")
    phase.lines = [
        Line(counts.listed_firms, "家企业待邀请", "guests_rows", "listed"),
        Line(counts.coming_firms, "家企业参加", "guests_rows", "coming"),
        Line(counts.silent_firms, "家企业未答复", "guests_rows", "silent"),
    ]
    if counts.manages_teams:
        phase.lines += [
            Line(counts.listed_teams, "个院校团队待邀请", "guests_rows", "listed office"),
            Line(counts.coming_teams, "个院校团队参加", "guests_rows", "coming office"),
            Line(counts.silent_teams, "个院校团队未答复", "guests_rows", "silent office"),
        ]
    if counts.to_print:
        phase.lines.append(Line(counts.to_print, "封企业邀请函待打印", "guests_rows", "paper"))
    silent = counts.silent_firms + counts.silent_teams
    if docking_round.status in (Status.SCHEDULED, Status.RUNNING, Status.CLOSED, Status.ARCHIVED) or (
        counts.invited and not silent and not counts.listed
    ):
        phase.state = "done"
    if docking_round.status == Status.GATHERING and counts.to_remind:
        phase.late.append("%d 家邀请或提醒后超过 %d 天没有答复。" % (counts.to_remind, settings.GUEST_REMIND_DAYS))
    return phase


def _planning(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> Phase:
    phase = Phase("plan", "排期", f"{_day_of(facts.starts_on - timedelta(days=3))} 前发布日程")
    phase.lines = [
        Line(counts.wanted, "场要谈", "meeting_requests"),
        Line(counts.placed, "场已排", "meeting_requests", "state=published"),
        Line(counts.wanted - counts.placed, "场没有排上", "meeting_requests", "state=unpublished"),
    ]
    if facts.published_version is not None:
        phase.notes.append("已发布第 %d 版。" % facts.published_version)
    if docking_round.status in (Status.SCHEDULED, Status.RUNNING, Status.CLOSED, Status.ARCHIVED):
        phase.state = "done"
    elif docking_round.status == Status.GATHERING and (facts.starts_on - facts.today).days < 3:
        phase.late.append("离活动不到 3 天，日程还没有发布，参会单位不知道几点在哪桌。")
    phase.late += [*facts.overlaps[:2], *facts.clashes[:2]] if docking_round.status in DockingRound.OPEN else []
    return phase


def _day(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> Phase:
    start, end = localtime(docking_round.starts_at), localtime(docking_round.ends_at)
    phase = Phase("day", "现场", f"{_day_of(start.date())} {start:%H:%M}–{end:%H:%M}")
    phase.lines = [
        Line(counts.papers, "份会议材料", "papers"),
        Line(counts.expected, "人应到", "rows", "expected"),
        Line(counts.here, "人已签到", "rows", "here"),
        Line(counts.held, "场已谈", "meeting_requests", "state=over"),
    ]
    if counts.with_needs:
        phase.lines.insert(2, Line(counts.with_needs, "人有饮食或无障碍需要", "rows", "needs"))
    if docking_round.status in (Status.CLOSED, Status.ARCHIVED):
        phase.state = "done"
    elif docking_round.status in DockingRound.OPEN and facts.is_over:
        phase.late.append("结束时间已过，活动还没有结束；办过的请“结束并匹配”，没有办的请取消或改期。")
    elif facts.starts_on > facts.today:
        phase.notes.append("还有 %d 天。" % (facts.starts_on - facts.today).days)
    return phase


def _after(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> Phase:
    end = localdate(docking_round.ends_at)
    phase = Phase("after", "跟踪", f"{_day_of(end + timedelta(days=1))} 起")
    if docking_round.status not in (Status.RUNNING, Status.CLOSED, Status.ARCHIVED):
        return phase
    phase.lines = [
        Line(counts.without_outcome, "场没有记结果", "meeting_requests", "state=silent"),
        Line(counts.open_matches, "条会后匹配待审核", "rows", "matches"),
    ]
    phase.notes.append("活动总结已发布。" if facts.is_report_released else "活动总结还没有发布。")
    if docking_round.status == Status.ARCHIVED:
        phase.state = "done"
    elif docking_round.status == Status.CLOSED and (facts.today - end).days > AFTER_DAYS:
        if counts.without_outcome:
            phase.late.append("结束已超过 %d 天，还有 %d 场没有记结果。" % (AFTER_DAYS, counts.without_outcome))
        if not facts.is_report_released:
            phase.late.append("结束已超过 %d 天，总结还没有发布。" % AFTER_DAYS)
    return phase


# --- The next act --------------------------------------------------------------------------------------------------
def next_act(docking_round: DockingRound, facts: RoundFacts, counts: RoundCounts) -> NextAct | None:
    """What the city office does next; None for a round that is over for good."""
    if docking_round.status in (Status.CANCELLED, Status.ARCHIVED):
        return None
    if docking_round.status in DockingRound.OPEN and facts.is_over and docking_round.status != Status.PREPARING:
        return NextAct("活动时间已过，结束并匹配", "会后匹配的结果交给各区市县审核。", "结束并匹配", act="close")
    if docking_round.status == Status.GATHERING:
        return _next_before(facts, counts)
    if docking_round.status == Status.CLOSED:
        return _next_after(facts)
    step = checklist.STEPS[docking_round.status]
    if unmet := next((item for item in checklist.checklist(step, facts) if item.is_hard and not item.is_done), None):
        if docking_round.status == Status.PREPARING:
            return NextAct(unmet.remedy, "补齐以后才能发布活动。", "去补齐", where=unmet.where)
        return _next_while_waiting(docking_round, counts)
    words, why = STEP_WORDS[step]
    return NextAct(words, why, words, act=step)


STEP_WORDS = {
    "announce": ("发布活动", "发布以后公众能看到，区市县可以开始邀请。"),
    "schedule": ("发布日程", "议程和洽谈日程向参会单位公开。"),
    "begin": ("活动开始", "开始以后可以记录洽谈和结果。"),
    "close": ("结束并匹配", "洽谈都已结束；会后匹配的结果交给各区市县审核。"),
    "archive": ("归档", "总结已发布，会后匹配都已审核。"),
}


def _next_before(facts: RoundFacts, counts: RoundCounts) -> NextAct:
    if not checklist.refusals("begin", facts):
        return NextAct("活动开始", STEP_WORDS["begin"][1], "活动开始", act="begin")
    if counts.listed:
        return NextAct(
            _whom_to_invite(counts),
            "列入了名单，还没有发出邀请。",
            "去邀请",
            where="guests_rows",
            query="listed" if counts.listed_firms else "listed office",
        )
    if not counts.invited:
        return NextAct("选择要邀请的单位", "还没有邀请任何单位。", "去选择", where="proposals")
    if counts.to_remind:
        words = "提醒 %d 家没有答复的单位" % counts.to_remind
        return NextAct(words, "他们不答复，洽谈日程不能定稿。", "去提醒", where="guests")
    coming, silent = counts.coming_firms + counts.coming_teams, counts.silent_firms + counts.silent_teams
    if counts.to_call and facts.published_version is None:
        words = "给 %d 家没有答复的单位打电话" % counts.to_call
        return NextAct(words, "没有邮箱也没有账号，或者邮件、短信没有送到。", "打开电话名单", where="calls")
    if not coming and silent:
        return NextAct("等 %d 家答复" % silent, "有单位答复参加以后，再汇总洽谈。", "看发件箱", where="outbox")
    if facts.published_version is None and not counts.wanted:
        words = "把双方都来、匹配已采纳的变成要安排的洽谈；也可以手工添加。"
        return NextAct("汇总洽谈", words, "去汇总", where="timetable")
    if facts.published_version is None:
        return NextAct(
            "排洽谈日程并发布", "要谈的 %d 场还没有时间和桌号。" % counts.wanted, "去排期", where="timetable"
        )
    unmet = next((item for item in checklist.checklist("schedule", facts) if item.is_hard and not item.is_done), None)
    if unmet:
        return NextAct(unmet.remedy, "处理以后才能发布日程。", "去处理", where=unmet.where)
    return NextAct("发布日程", STEP_WORDS["schedule"][1], "发布日程", act="schedule")


def _whom_to_invite(counts: RoundCounts) -> str:
    """The button opens the firms first."""
    firms, teams = "%d 家企业" % counts.listed_firms, "%d 个院校团队" % counts.listed_teams
    if counts.listed_firms and counts.listed_teams:
        return f"邀请名单上的 {firms}，接着邀请 {teams}"
    return f"邀请名单上的 {firms if counts.listed_firms else teams}"


def _next_while_waiting(docking_round: DockingRound, counts: RoundCounts) -> NextAct:
    if docking_round.status == Status.RUNNING:
        return NextAct("看现场签到和洽谈", "最后一场洽谈结束以后才能“结束并匹配”。", "打开现场", where="day")
    if not counts.papers:
        return NextAct("生成会议材料", "参会证、桌牌和签到表要在活动前打印。", "去生成", where="papers")
    return NextAct("核对会议材料", "准备已经做完，到活动当天才能开始。", "看会议材料", where="papers")


def _next_after(facts: RoundFacts) -> NextAct:
    if facts.without_outcome:
        words = "补记 %d 场洽谈的结果" % facts.without_outcome
        return NextAct(words, "没有结果的洽谈不会有人跟进。", "去补记", where="meetings")
    if not facts.is_report_released:
        return NextAct("写活动总结并发布", "数字由系统统计，文字可以修改。", "打开总结", where="report")
    if facts.is_matching or facts.open_matches:
        words = "等会后匹配完成" if facts.is_matching else "等各区市县审核 %d 条匹配" % facts.open_matches
        return NextAct(words, "审核完以后归档。", "看会后匹配", where="matches")
    return NextAct("归档", STEP_WORDS["archive"][1], "归档", act="archive")


def _day_of(day: date) -> str:
    return f"{day.month}月{day.day}日"
