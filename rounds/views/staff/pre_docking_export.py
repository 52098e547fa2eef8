"""The pre-docking board and the rows behind its figures as workbooks: watermarked, audited, names of people masked."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.exports import recorded_workbook
from core.masking import mask_name
from demands.services.exporting import export_demands
from matching.exports import export_matches
from rounds.models import Party
from rounds.views.staff.pre_docking_figures import (
    FIGURES,
    TARGETS,
    BoardFigure,
    BoardScope,
    DistrictRow,
    Kind,
    district_rows,
)

STATES = {"far": "明显落后", "behind": "落后", "going": "按进度", "done": "达标", "free": "未定目标"}
PARTY_HEADERS = (
    *("单位", "团队", "参会方", "区市县", "答复", "邀请方式", "邀请时间", "提醒时间", "答复时间"),
    *("到场", "离场", "最多洽谈场数", "参会人员"),
)


def export_board(scope: BoardScope, *, by: User) -> bytes:
    """An .xlsx of the board, one row for each district."""
    headers = ("区市县", "进度", *(str(figure.label) for figure in FIGURES.values()), *_target_headers(), "还差什么")
    return _workbook("会前准备", headers, [_district_cells(row) for row in district_rows(scope)], by)


def export_parties(parties: QuerySet[Party], *, by: User) -> bytes:
    """An .xlsx of those of the parties that `by` manages."""
    rows = parties.filter(pk__in=Party.objects.managed_by(by).values("pk"))
    return _workbook("参会单位", PARTY_HEADERS, list(party_cells(rows)), by)


def export_rows(figure: BoardFigure, scope: BoardScope, *, by: User) -> bytes:
    """An .xlsx of the rows that a figure counts."""
    rows = figure.rows(scope)
    if figure.kind == "matches":
        return export_matches(rows, by=by)
    if figure.kind == "demands":
        return export_demands(rows, by=by)
    if figure.kind == "parties":
        return _workbook(str(figure.label), PARTY_HEADERS, list(party_cells(rows)), by)
    if figure.kind == "firms":
        firms = rows.select_related("stat_region")
        cells = [(firm.name, firm.credit_code, str(firm.stat_region or "")) for firm in firms]
        return _workbook(str(figure.label), ("企业", "统一社会信用代码", "区市县"), cells, by)
    related = ("match__achievement__institution", "match__demand__firm__stat_region", "owner")
    cells = [
        (
            follow_up.match.achievement.title,
            follow_up.match.achievement.institution.name,
            follow_up.match.demand.title,
            follow_up.match.demand.firm.name,
            str(follow_up.match.demand.firm.stat_region or ""),
            str(follow_up.owner),
            timezone.localtime(follow_up.opened_at),
        )
        for follow_up in rows.select_related(*related)
    ]
    headers = ("成果", "院校", "需求", "企业", "区市县", "跟进人", "征询时间")
    return _workbook(str(figure.label), headers, cells, by)


def party_cells(parties: QuerySet[Party]) -> Iterator[tuple]:
    """The cells of each party under PARTY_HEADERS."""
    for party in parties.select_related("organisation__stat_region").prefetch_related("attendees"):
        people = [f"{mask_name(person.name)} {person.position}".strip() for person in party.attendees.all()]
        yield (
            party.organisation.name,
            party.team,
            party.get_side_display(),
            str(party.organisation.stat_region or ""),
            party.get_answer_display(),
            party.get_letter_display(),
            *(timezone.localtime(at) if at else None for at in (party.invited_at, party.reminded_at)),
            timezone.localtime(party.answered_at) if party.answered_at else None,
            *(timezone.localtime(at) if at else None for at in (party.arrives_at, party.leaves_at)),
            party.most_meetings,
            people,
        )


def _target_headers() -> list[str]:
    return ["目标：%(what)s" % {"what": Kind(kind).label} for kind in TARGETS]


def _district_cells(row: DistrictRow) -> tuple:
    return (
        str(row.region or "未定"),
        STATES[row.state],
        *(row.counts[name] for name in FIGURES),
        *(row.targets.get(kind) for kind in TARGETS),
        row.missing,
    )


def _workbook(title: str, headers: tuple, rows: list[tuple], by: User) -> bytes:
    return recorded_workbook("导出会前准备", title, headers, rows, by=by)
