"""The records behind a figure of the report as rows of a table, for each kind of record."""

from decimal import Decimal

from django.db.models import Model, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from rounds.models import Outcome, Party
from taxonomy.money import wan_text

HEADS = {
    "firm": (_("企业"), _("区市县"), _("答复"), _("到会")),
    "team": (_("院校"), _("团队"), _("答复"), _("到会")),
    "person": (_("单位"), _("姓名"), _("签到时间")),
    "meeting": (_("企业"), _("院校"), _("成果"), _("状态"), _("结果"), _("意向金额（万元）")),
    "deal": (_("项目"), _("受让方"), _("转让方"), _("阶段"), _("签约金额（万元）")),
    "contract": (_("登记编号"), _("合同名称"), _("登记日期"), _("成交额（万元）")),
    "feature": (_("顺序"), _("成果"), _("院校")),
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
VERDICTS = dict(Outcome.Verdict.choices) | {"": "—"}


def with_relations(kind: str, records: QuerySet) -> QuerySet:
    return records.select_related(*RELATED[kind])


def record_cells(kind: str, record: Model) -> list[str]:
    """The cells of one record, in the order of HEADS."""
    return [str(cell) for cell in CELLS[kind](record)]


def _amount(amount: Decimal | None) -> str:
    return "—" if amount is None else wan_text(amount)


def _arrival(party: Party) -> str:
    if party.has_signed_in:
        return _("已签到")
    return _("已洽谈，没有签到") if party.has_come else _("未签到")


CELLS = {
    "firm": lambda row: (
        row.organisation.name, row.organisation.stat_region or "—", row.get_answer_display(), _arrival(row)
    ),
    "team": lambda row: (row.organisation.name, row.team or "—", row.get_answer_display(), _arrival(row)),
    "person": lambda row: (row.party, row.name, f"{localtime(row.checked_in_at):%m-%d %H:%M}"),
    "meeting": lambda row: (
        row.firm_party, row.institution_party, row.match.achievement if row.match else row.topic or "—",
        row.get_status_display(), VERDICTS[row.verdict], _amount(row.sum_wan if row.verdict == "intent" else None),
    ),
    "deal": lambda row: (
        row.name, row.buyer or "—", row.seller or "—", row.get_stage_display(), _amount(row.signed_wan)
    ),
    "contract": lambda row: (row.number, row.name, row.registered_on, _amount(row.amount_wan)),
    "feature": lambda row: (row.rank, row.achievement, row.achievement.institution),
}  # fmt: skip
