"""The records behind a figure of the report as rows of a table, for each kind of record."""

from decimal import Decimal

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from rounds.fates import Fate
from rounds.models import Meeting, Outcome, Party
from rounds.report.figures import HOST_ONLY, ONE_SIDED
from taxonomy.money import wan_text

HEADS = {
    "firm": ("企业", "区市县", "答复", "到会"),
    "team": ("院校", "团队", "答复", "到会"),
    "person": ("单位", "姓名", "签到时间"),
    "meeting": ("企业", "院校", "成果", "状态", "结果", "意向金额（万元）"),
    "deal": ("项目", "受让方", "转让方", "阶段", "签约金额（万元）"),
    "contract": ("登记编号", "合同名称", "登记日期", "成交额（万元）"),
    "feature": ("顺序", "成果", "院校"),
}
RELATED = {
    "firm": ("organisation__stat_region",),
    "team": ("organisation",),
    "person": ("party__organisation",),
    "meeting": ("firm_party__organisation", "institution_party__organisation", "match__achievement"),
    "deal": ("buyer", "seller"),
    "contract": (),
    "feature": ("achievement__institution",),
}
VERDICTS = dict(Outcome.Verdict.choices) | {ONE_SIDED: "一方表示、待对方确认", HOST_ONLY: "只有现场记录", "": "—"}


def with_relations(kind: str, records: QuerySet) -> QuerySet:
    return records.select_related(*RELATED[kind])


def record_cells(kind: str, record: Model) -> list[str]:
    """The cells of one record, in the order of HEADS."""
    return [str(cell) for cell in CELLS[kind](record)]


def record_address(kind: str, record: Model) -> str:
    """The page of the record itself, from which its history is one step."""
    return ADDRESSES[kind](record)


def party_address(party: int) -> str:
    return reverse("admin:rounds_party_change", args=[party])


def meeting_address(meeting: Meeting) -> str:
    return f"{reverse('admin:rounds_timetable_requests', args=[meeting.docking_round_id])}?meeting={meeting.public_id}"


def _amount(amount: Decimal | None) -> str:
    return "—" if amount is None else wan_text(amount)


def _arrival(party: Party) -> str:
    if party.has_signed_in:
        return "已签到"
    return "已洽谈，没有签到" if party.has_come else "未签到"


def _standing(meeting: Meeting) -> str:
    """What became of a planned meeting, with its reason; the status of any other."""
    if not meeting.is_planned:
        return meeting.get_status_display()
    sides = (meeting.firm_party, meeting.institution_party)
    reasons = {Fate.ABSENT: "、".join(str(party) for party in sides if party.absent_at)}
    reason = meeting.dropped_reason or reasons.get(Fate(meeting.fate), "")
    label = Fate(meeting.fate).label
    return f"{label}：{reason}" if reason else label


ADDRESSES = {
    "firm": lambda row: party_address(row.pk),
    "team": lambda row: party_address(row.pk),
    "person": lambda row: party_address(row.party_id),
    "meeting": meeting_address,
    "deal": lambda row: reverse("deal", args=[row.public_id]),
    "contract": lambda row: reverse("contract", args=[row.public_id]),
    "feature": lambda row: reverse("achievement_detail", args=[row.achievement.public_id]),
}
CELLS = {
    "firm": lambda row: (
        row.organisation.name, row.organisation.stat_region or "—", row.get_answer_display(), _arrival(row)
    ),
    "team": lambda row: (row.organisation.name, row.team or "—", row.get_answer_display(), _arrival(row)),
    "person": lambda row: (row.party, row.name, f"{localtime(row.checked_in_at):%m-%d %H:%M}"),
    "meeting": lambda row: (
        row.firm_party, row.institution_party, row.match.achievement if row.match else row.topic or "—",
        _standing(row), VERDICTS[row.verdict], _amount(row.sum_wan if row.verdict == "intent" else None),
    ),
    "deal": lambda row: (
        row.name, row.buyer or "—", row.seller or "—", row.get_stage_display(), _amount(row.signed_wan)
    ),
    "contract": lambda row: (row.number, row.name, row.registered_on, _amount(row.amount_wan)),
    "feature": lambda row: (row.rank, row.achievement, row.achievement.institution),
}  # fmt: skip
