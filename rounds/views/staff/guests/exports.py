"""The board and the rows behind a figure as workbooks: watermarked, written down in the trail, people masked."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exports import recorded_workbook
from core.masking import mask_name
from demands.services.exporting import export_demands
from matching.exports import export_matches
from rounds.models import Party
from rounds.views.staff.guests.figures import FIGURES, TARGETS, Figure, Kind, Line, Where, lines

STATES = {"far": "明显落后", "behind": "落后", "going": "按进度", "done": "达标", "free": "未定目标"}
PARTY_HEADERS = (
    *("单位", "团队", "参会方", "区市县", "答复", "邀请方式", "邀请时间", "提醒时间", "答复时间"),
    *("到场", "离场", "最多洽谈场数", "参会人员"),
)


def export_board(where: Where, *, by) -> bytes:
    """An .xlsx of the whole board, a district a line."""
    headers = ("区市县", "进度", *(str(figure.label) for figure in FIGURES.values()), *_target_headers(), "还差什么")
    return _written(_("会前准备"), headers, [_district(line) for line in lines(where)], by)


def export_parties(found: QuerySet[Party], *, by) -> bytes:
    """An .xlsx of those parties of `found` that `by` works with."""
    rows = found.filter(pk__in=Party.objects.managed_by(by).values("pk"))
    return _written(_("参会单位"), PARTY_HEADERS, list(party_lines(rows)), by)


def export_rows(figure: Figure, where: Where, *, by) -> bytes:
    """An .xlsx of what a figure counts."""
    found = figure.rows(where)
    if figure.kind == "matches":
        return export_matches(found, by=by)
    if figure.kind == "needs":
        return export_demands(found, by=by)
    if figure.kind == "parties":
        return _written(str(figure.label), PARTY_HEADERS, list(party_lines(found)), by)
    if figure.kind == "firms":
        firms = found.select_related("stat_region")
        rows = [(firm.name, firm.credit_code, str(firm.stat_region or "")) for firm in firms]
        return _written(str(figure.label), ("企业", "统一社会信用代码", "区市县"), rows, by)
    related = ("match__achievement__institution", "match__demand__firm__stat_region", "owner")
    rows = [
        (
            one.match.achievement.title,
            one.match.achievement.institution.name,
            one.match.demand.title,
            one.match.demand.firm.name,
            str(one.match.demand.firm.stat_region or ""),
            str(one.owner),
            timezone.localtime(one.opened_at),
        )
        for one in found.select_related(*related)
    ]
    headers = ("成果", "院校", "需求", "企业", "区市县", "跟进人", "征询时间")
    return _written(str(figure.label), headers, rows, by)


def party_lines(found: QuerySet[Party]) -> Iterator[tuple]:
    for party in found.select_related("organisation__stat_region").prefetch_related("attendees"):
        people = [f"{mask_name(one.name)} {one.position}".strip() for one in party.attendees.all()]
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
    return [_("目标：%(what)s") % {"what": Kind(kind).label} for kind in TARGETS]


def _district(line: Line) -> tuple:
    return (
        str(line.region or _("未定")),
        STATES[line.state],
        *(line.counts[name] for name in FIGURES),
        *(line.targets.get(kind) for kind in TARGETS),
        line.missing,
    )


def _written(title: str, headers, rows: list, by) -> bytes:
    return recorded_workbook(_("导出会前准备"), title, headers, rows, by=by)
