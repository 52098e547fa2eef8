"""The report as sections of text and tables, rendered three ways: page, Word, PDF."""

from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.timezone import localtime

from rounds.fates import REASONS, Fate
from rounds.models import RoundReport
from rounds.report.counting import figures_by, number_text
from rounds.report.figures import DISTRICT, FIGURES, GROUPINGS, INDUSTRY, INSTITUTION, UNNAMED_GROUPS
from rounds.report.text import TITLES, day_text

TABLE_OF_SECTION = {"districts": DISTRICT, "industries": INDUSTRY, "institutions": INSTITUTION}
"""The grouping whose table each section has."""
COLUMNS = {
    DISTRICT: ("coming_firms", "came_firms", "planned", "held", "intent", "intent_sum"),
    INDUSTRY: ("featured", "planned", "held", "intent", "intent_sum"),
    INSTITUTION: ("featured", "came_teams", "planned", "held", "intent", "intent_sum"),
}


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A number in a table and the figure it counts, of the whole round or of one group. Numbers of earlier rounds
    have no figure: their own report explains them."""

    words: str
    figure: str = ""
    by: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    name: str
    cells: list[ReportCell]


@dataclass(frozen=True, slots=True)
class ReportTable:
    caption: str
    heads: list[str]
    rows: list[ReportRow]


@dataclass(frozen=True, slots=True)
class ReportSection:
    key: str
    title: str
    paragraphs: list[str]
    tables: list[ReportTable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReportDocument:
    title: str
    subtitle: str
    is_draft: bool
    sections: list[ReportSection]
    meanings: list[tuple[str, str]]
    organiser: str = ""
    """Who signs it."""
    day: str = ""
    """The day of its release; of a draft, that of its figures."""


def build_document(report: RoundReport) -> ReportDocument:
    figures = report.figures
    texts = {section["key"]: section["text"] for section in report.text}
    sections = [
        ReportSection(key, str(title), _paragraphs(texts.get(key, "")), _tables(key, figures))
        for key, title in TITLES.items()
    ]
    sections = [section for section in sections if section.paragraphs or section.tables]
    counted = localtime(report.counted_at)
    words = "第 %(number)d 版 · 数字统计至 %(when)s" % {
        "number": report.number,
        "when": f"{counted.year}年{counted.month}月{counted.day}日 {counted:%H:%M}",
    }
    return ReportDocument(
        title="%(round)s总结" % {"round": report.docking_round.name},
        subtitle=words,
        is_draft=report.status == RoundReport.Status.DRAFT,
        sections=sections,
        meanings=[(str(figure.label), str(figure.meaning)) for figure in FIGURES.values()],
        organiser=report.docking_round.host.name if report.docking_round.host else "",
        day=date_format(localtime(report.released_at or report.counted_at), "Y年n月j日"),
    )


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tables(key: str, figures: dict) -> list[ReportTable]:
    if key == "overview":
        return [_totals(figures["totals"])]
    if key == "talks" and "unrecorded" in figures["totals"]:
        return [_planned(figures["totals"])]
    if key in TABLE_OF_SECTION and figures["by"][TABLE_OF_SECTION[key]]:
        return [_groups(TABLE_OF_SECTION[key], figures["by"][TABLE_OF_SECTION[key]])]
    if key == "earlier" and figures["earlier"]:
        return [_rounds(figures)]
    return []


def _totals(totals: dict) -> ReportTable:
    rows = [
        ReportRow(_with_unit(name), [ReportCell(number_text(totals[name], name), name)]) for name in _in_order(totals)
    ]
    return ReportTable("主要数字", ["项目", "数字"], rows)


def _planned(totals: dict) -> ReportTable:
    """What became of the planned meetings: its lines sum to the last one."""
    rows = [
        ReportRow(
            f"{fate.label}：{REASONS[fate]}" if fate in REASONS else str(fate.label),
            [ReportCell(number_text(totals[fate.value], fate.value), fate.value)],
        )
        for fate in Fate
    ]
    total = ReportRow("合计：计划洽谈", [ReportCell(number_text(totals["planned"], "planned"), "planned")])
    return ReportTable("计划洽谈的结果和原因", ["结果和原因", "场"], [*rows, total])


def _groups(by: str, lines: list[dict]) -> ReportTable:
    shown = [name for name in COLUMNS[by] if name in figures_by(by)]
    rows = [
        ReportRow(
            line["name"] or str(UNNAMED_GROUPS[by]),
            [ReportCell(number_text(line[name], name), name, by, line["key"]) for name in shown],
        )
        for line in lines
    ]
    return ReportTable(
        "按%(by)s" % {"by": GROUPINGS[by]}, [str(GROUPINGS[by]), *(_with_unit(name) for name in shown)], rows
    )


def _rounds(figures: dict) -> ReportTable:
    earlier = figures["earlier"]
    rows = [
        ReportRow(
            _with_unit(name),
            [
                ReportCell(number_text(figures["totals"][name], name), name),
                *(ReportCell(number_text(docking_round["totals"].get(name, 0), name)) for docking_round in earlier),
            ],
        )
        for name in _in_order(figures["totals"])
    ]
    heads = [
        "项目",
        "本场",
        *(f"{docking_round['name']}（{day_text(docking_round['on'])}）" for docking_round in earlier),
    ]
    return ReportTable("与往场相比", heads, rows)


def _in_order(totals: dict) -> list[str]:
    """Return the figures in definition order (JSONB does not keep key order); figures added after the report are
    skipped."""
    return [name for name in FIGURES if name in totals]


def _with_unit(name: str) -> str:
    return f"{FIGURES[name].label}（{FIGURES[name].unit}）"
