"""Where a demand stands, for its firm: the way from draft to solved, who decides until when, and the next step."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from audit.models import AuditRecord
from demands.models import Demand, DemandRevision
from demands.services.expiry import NOTICE_BEFORE
from demands.services.review_deadlines import REMINDER, decide_by
from matching.demand_progress import demand_progress
from matching.models import Question, SideResponse

Status = Demand.Status
DAY = "n月j日"
STATIONS = ("草稿", "区县初审", "已发布", "对接中", "已解决")
STATION_OF = {
    Status.DRAFT: 0,
    Status.DISTRICT_REVIEW: 1,
    Status.DIAGNOSIS: 1,
    Status.PUBLISHED: 2,
    Status.TRACKING: 2,
    Status.DOCKING: 3,
    Status.CHALLENGE: 3,
    Status.SOLVED: 4,
}


@dataclass(frozen=True, slots=True)
class Station:
    label: str
    is_done: bool
    is_current: bool
    state: str
    """现在在这里"""


@dataclass(frozen=True, slots=True)
class Step:
    """What the firm can do next, as a button; `url` may be an anchor of the page."""

    sentence: str
    label: str
    url: str
    is_urgent: bool = False


def stations(demand: Demand) -> list[Station]:
    """The way of the demand. A paused one stands where it was paused; a closed one stands nowhere."""
    status = Status(demand.paused_from) if demand.paused_from else Status(demand.status)
    at = STATION_OF.get(status, -1)
    is_over = demand.status == Status.SOLVED
    here = "暂停在这里" if demand.paused_from else "现在在这里"
    return [
        Station(label, True, number == at, "已过" if number < at else "到了")
        if number < at or (is_over and number == at)
        else Station(label, False, number == at, here if number == at else "还没到")
        for number, label in enumerate(STATIONS)
    ]


def standing_lines(demand: Demand, revision: DemandRevision | None) -> list[str]:
    """Sentences: what the status means, who decides until when, how many candidates the district looks at."""
    lines = [_status_line(demand)]
    if revision is not None and demand.status in Demand.REVISABLE:
        lines.append(
            "您 %(day)s 提交的修改（%(fields)s）由%(office)s核对，%(until)s。批准以前，公开的仍是原文。"
            % {
                "day": _day(timezone.localdate(revision.proposed_at)),
                "fields": "、".join(field.label for field in revision.changed_fields),
                "office": _office(demand),
                "until": _until(revision, demand),
            }
        )
    if demand.status in Demand.OPEN and not _is_expired(demand):
        lines.append(_matching_line(demand))
    if demand.expires_on and demand.status in Demand.REVISABLE:
        lines.append(_expiry_line(demand))
    return [line for line in lines if line]


def next_step(demand: Demand, revision: DemandRevision | None, last: DemandRevision | None, user: User) -> Step | None:
    """The one thing that the firm should do now; None if it only has to wait."""
    response = SideResponse.objects.awaiting_answer_of(user).filter(follow_up__match__demand=demand).first()
    if response is not None:
        url = reverse("follow_up", args=[response.follow_up.public_id])
        return Step("有一项匹配在等贵企业答复是否愿意对接。", "去答复", url, is_urgent=True)
    question = Question.objects.addressed_to(user).open().filter(match__demand=demand, side=Question.Side.FIRM).first()
    if question is not None:
        return Step("审核人员有一个问题在等贵企业答复。", "去答复", reverse("workbench"), is_urgent=True)
    if demand.status == Status.PAUSED:
        return Step("需求在暂停中，院所看不到它。", "恢复公开", "#do-resume")
    if demand.status in Demand.OPEN and (_is_expired(demand) or _expires_soon(demand)):
        return Step("有效期将到或已过，到期后不公开、不参与匹配。", "延长有效期", "#do-extend", is_urgent=True)
    if revision is None and last is not None and last.status == DemandRevision.Status.RETURNED:
        url = reverse("demand_revise", args=[demand.public_id])
        return Step(f"您的修改被退回：{last.reason}", "再改一次", url, is_urgent=True)
    return None


# --- Sentences -------------------------------------------------------------------------------------------------------
def _status_line(demand: Demand) -> str:
    office = _office(demand)
    if demand.status == Status.DISTRICT_REVIEW:
        days = (timezone.localdate() - timezone.localdate(demand.status_changed_at)).days
        since = "今天提交" if days < 1 else f"提交 {days} 天了"
        return f"{office}正在初审，{since}，{_until(demand, demand)}。通过后公开并参与匹配，退回会写明原因。"
    if demand.status == Status.PAUSED:
        until = f"到 {_day(demand.paused_until)}为止，之后自动恢复" if demand.paused_until else "由您决定什么时候恢复"
        return f"已暂停（{demand.status_reason}），{until}。现在不公开、不参与匹配；已经排好的洽谈不取消。"
    if demand.status == Status.SOLVED:
        return f"已解决：{demand.solution_text}。" if demand.solution else "已解决。"
    if demand.status == Status.CLOSED:
        return f"已关闭：{demand.status_reason}。"
    texts = {
        Status.DIAGNOSIS: f"{office}正在和您一起把需求说清楚，暂不公开。",
        Status.PUBLISHED: "已公开，正在参与匹配。",
        Status.TRACKING: "暂时没有合适的成果，长期跟踪，仍参与每一次匹配。",
        Status.DOCKING: "正在和院所对接，仍参与匹配。",
        Status.CHALLENGE: "已转为揭榜挂帅。",
    }
    return texts.get(Status(demand.status), "")


def _matching_line(demand: Demand) -> str:
    progress = demand_progress([demand])[demand.pk]
    if progress.sentence:
        return f"{progress.sentence}。采纳后会请您答复是否愿意对接。"
    if progress.accepted:
        return f"已采纳 {progress.accepted} 条，现在没有新的候选。"
    return "现在没有在看的候选；有新成果入库会再匹配。"


def _expiry_line(demand: Demand) -> str:
    if _is_expired(demand):
        return f"有效期已于 {_day(demand.expires_on)}结束，现在不公开。"
    return f"有效期到 {date_format(demand.expires_on, 'Y年n月j日')}。"


def _until(row: Demand | DemandRevision, demand: Demand) -> str:
    day = decide_by(row)
    if day >= timezone.localdate():
        return f"{_day(day)}前答复"
    since = row.proposed_at if isinstance(row, DemandRevision) else row.status_changed_at
    reminder = AuditRecord.objects.filter(
        object_type="demands.demand", object_id=str(demand.pk), action=REMINDER, at__gte=since
    ).first()
    reminded = f"，{_day(timezone.localdate(reminder.at))}已提醒" if reminder else ""
    return f"应在 {_day(day)}前答复，已经超过{reminded}"


def _office(demand: Demand) -> str:
    region = demand.firm.stat_region
    return f"{region.name}科技部门" if region else "市科技局"


def _is_expired(demand: Demand) -> bool:
    return demand.expires_on is not None and demand.expires_on < timezone.localdate()


def _expires_soon(demand: Demand) -> bool:
    return demand.expires_on is not None and demand.expires_on <= timezone.localdate() + NOTICE_BEFORE


def _day(day: date | None) -> str:
    if day is None:
        return ""
    is_this_year = abs(day - timezone.localdate()) < timedelta(days=300)
    return date_format(day, DAY if is_this_year else "Y年n月j日")
