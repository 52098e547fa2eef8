"""Is this sheet of demands right? Reads the file and the registry; writes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Organisation, Region
from demands.columns import demand_columns
from demands.models import Demand
from demands.scope import may_overwrite, owns_or_manages
from sheets.cells import CellProblem, fold, is_blank
from sheets.checking import WARNING, CheckedRow, SheetReport, UniqueTogether, check_rows
from sheets.reading import Sheet, SheetRow, read_workbook
from sheets.writing import write_template
from taxonomy.indicators import parse_indicators

EXPECTED = {
    "credit_code": lazy("没有填写，将按企业名称登记"),
    "industry": lazy("没有填写，请在初审时补充"),
    "kind": lazy("没有填写，按“其他”登记"),
    "problem": lazy("没有填写，暂以需求名称代替，请在初审时补充"),
    "indicators": lazy("没有填写，请在初审时补充"),
    "ways": lazy("没有填写，请在初审时补充"),
    "period": lazy("没有填写，请在初审时补充"),
    "anonymous": lazy("没有填写，按匿名发布处理"),
    "contact": lazy("没有填写，对接时将无法联系"),
    "phone": lazy("没有填写，对接时将无法联系"),
}
"""What a sheet should say but real sheets often do not: worth a word, no reason to stop."""
GOAL_LENGTH = Demand._meta.get_field("goal").max_length


@dataclass(frozen=True)
class Entry:
    """A checked row and what the registry knows of it: its firm, or the new one to be made, and its demand."""

    row: CheckedRow
    firm: Organisation
    demand: Demand | None
    industry_name: str

    @property
    def is_new_firm(self) -> bool:
        return self.firm.pk is None


@dataclass(frozen=True)
class Plan:
    """The outcome of a check: the report for people, the entries (of rows without errors) for the import."""

    report: SheetReport
    entries: list[Entry]

    @property
    def ok(self) -> bool:
        return self.report.ok

    @property
    def errors(self) -> list:
        return self.report.errors


def check_demands(content, filename: str, *, by, only_own: bool = False) -> SheetReport:
    """Check a sheet (bytes or a binary file) for `by`: every fault with its Excel row, field, value and how to mend it.

    Rows of firms beyond the actor's scope (another district's, another firm's) are faults, or left out and counted
    with `only_own`. Raises UnreadableSheet for what is no sheet at all, PermissionDenied for who may not import.
    """
    return plan_import(content, filename, by=by, only_own=only_own).report


def plan_import(content, filename: str, *, by, only_own: bool = False) -> Plan:
    """As `check_demands`, with the entries that an import would write."""
    scope = by.scope
    if not (scope.is_city or scope.is_district or scope.firm_ids):
        raise PermissionDenied(_("只有企业、区市县和市级专员可以导入需求。"))
    sheet = read_workbook(content, demand_columns(), filename=filename)
    if only_own and not scope.is_city:
        sheet = _own_rows(sheet, by)
    report = check_rows(sheet, row_checks=[_goal_fits], unique=[UniqueTogether(("title", "firm"))])
    _note_gaps(report)
    if not sheet.rows:
        report.add(sheet.header.row, "firm", _("表中没有属于您管理范围的需求，请核对所属区市县或更换文件"))
    _check_same_firm(report)
    firms = _firms_of(report, by)
    clean = {row.number for row in report.clean_rows}
    entries = [entry for entry in _entries(report, firms) if entry.row.number in clean]
    _note_left_alone(report, entries, by)
    return Plan(report, entries)


def demand_template() -> bytes:
    """The .xlsx that firms and districts fill in."""
    notes = [
        _("红色列必填；其余标“应填”的列请尽量填写，缺少时可以导入，但需在初审时补充。"),
        _("金额以万元计，可写“50”“50-100”“约50”“面议”。统一社会信用代码和电话请用文本格式。"),
    ]
    return write_template(_("技术需求"), demand_columns(), notes=notes)


def title_key(title: str) -> str:
    """By which two titles are the same: width, case and blanks do not tell demands apart."""
    return fold(title)


# --- Rows of others ----------------------------------------------------------------------------------------------
def _own_rows(sheet: Sheet, by) -> Sheet:
    """Without the rows of firms that the actor does not answer for. Rows that cannot be told stay, to be reported."""
    said = [{key: _value(sheet, row, key) for key in ("firm", "credit_code", "region")} for row in sheet.rows]
    known = _KnownFirms(said)
    regions = {region.pk: region for region in Region.objects.reporting()}

    def is_own(values):
        firm = known.by_code(values) or known.by_name(values)
        if firm is None and values["region"] is None:
            return by.scope.is_district  # to be reported; a firm's officer imports for known firms only
        return owns_or_manages(by, firm or Organisation(stat_region=regions.get(values["region"])))

    kept = tuple(row for row, values in zip(sheet.rows, said, strict=True) if is_own(values))
    left_out = len(sheet.rows) - len(kept)
    notice = [_("另有 %(count)d 行属于其他单位，未导入") % {"count": left_out}] if left_out else []
    return replace(sheet, rows=kept, notices=[*sheet.notices, *notice])


def _value(sheet: Sheet, row: SheetRow, key: str):
    """A cell's value, or None when it is empty or faulty."""
    column = next(column for column in sheet.columns if column.key == key)
    cell = row.cells.get(sheet.header.positions.get(key))
    if is_blank(cell):
        return None
    try:
        return column.parse(cell)
    except CellProblem:
        return None


# --- Cells and rows ----------------------------------------------------------------------------------------------
def _goal_fits(values: dict) -> Iterator[tuple]:
    goal, _indicators = goal_and_indicators(values)
    if len(goal) > GOAL_LENGTH:
        yield (
            "indicators",
            _("中不是“名称＋数值＋单位”的内容会并入预期目标，合计 %(length)d 个字，超过 %(longest)d 字的上限，请精简")
            % {"length": len(goal), "longest": GOAL_LENGTH},
        )


def goal_and_indicators(values: dict) -> tuple[str, list[dict]]:
    """The indicators that a row's text holds, and the goal with what of that text is no quantified indicator."""
    indicators, rest = parse_indicators(values["indicators"] or "")
    return "\n".join(text for text in (values["goal"], rest) if text), indicators


def _note_gaps(report: SheetReport) -> None:
    """Name each expected cell that is empty, and once each expected column that is not there."""
    there = report.sheet.header.positions
    faulty = {(problem.row, problem.key) for problem in report.problems}
    for row in report.rows:
        for key, message in EXPECTED.items():
            if key in there and row.values[key] in (None, "", ()) and (row.number, key) not in faulty:
                report.add(row.number, key, str(message), level=WARNING)
    missing = [column.label for column in report.sheet.columns if column.key in EXPECTED.keys() - there.keys()]
    if missing:
        report.notices.append(_("表中没有这些列，请在初审时补充：%(names)s") % {"names": "、".join(missing)})


# --- Firms -------------------------------------------------------------------------------------------------------
class _KnownFirms:
    """The organisations that rows ({firm, credit_code}) name, found in one query."""

    def __init__(self, rows: Iterable[dict]):
        rows = list(rows)
        names = {name for row in rows if row["firm"] for name in _spellings(row["firm"])}
        codes = {row["credit_code"] for row in rows if row["credit_code"]}
        found = Organisation.objects.filter(name__in=names) | Organisation.objects.filter(credit_code__in=codes)
        found = list(found.select_related("stat_region"))
        self._by_name = {fold(firm.name): firm for firm in found}
        self._by_code = {firm.credit_code: firm for firm in found if firm.credit_code}

    def by_name(self, row: dict) -> Organisation | None:
        return self._by_name.get(fold(row["firm"])) if row["firm"] else None

    def by_code(self, row: dict) -> Organisation | None:
        return self._by_code.get(row["credit_code"]) if row["credit_code"] else None


def _spellings(name: str) -> set[str]:
    """A name with its brackets half-width and full-width: both are common for one firm."""
    return {name, name.replace("（", "(").replace("）", ")"), name.replace("(", "（").replace(")", "）")}


def _check_same_firm(report: SheetReport) -> None:
    """One code is one firm and one name is one firm, all over the sheet."""
    names, codes = {}, {}
    for row in report.rows:
        name, code = row.values["firm"], row.values["credit_code"]
        if not (name and code):
            continue
        at, other = names.setdefault(code, (row.number, name))
        if fold(other) != fold(name):
            report.add(
                row.number,
                "credit_code",
                _("在第%(row)d行属于“%(other)s”，这一行是“%(name)s”，请核对是哪一家的代码")
                % {"row": at, "other": other, "name": name},
            )
        at, other = codes.setdefault(fold(name), (row.number, code))
        if other != code:
            report.add(
                row.number,
                "credit_code",
                _("与第%(row)d行同一企业的代码 %(other)s 不同，请核对") % {"row": at, "other": other},
            )


def _firms_of(report: SheetReport, by) -> dict[int, Organisation]:
    """The firm of each row, by row number; an unsaved one where it is new. Faults are reported."""
    known = _KnownFirms(row.values for row in report.rows)
    regions = {region.pk: region for region in Region.objects.reporting()}
    new: dict[str, Organisation] = {}
    firms = {}
    for row in report.rows:
        if not row.values["firm"]:
            continue
        faults = len(report.problems)
        firm = _known_firm(report, row, known) or new.get(fold(row.values["firm"]))
        if firm is None:
            firm = new[fold(row.values["firm"])] = _new_firm(row, regions)
        firms[row.number] = firm
        if len(report.problems) == faults:  # otherwise it is not sure which firm is meant
            _check_firm(report, row, firm, by)
    return firms


def _known_firm(report: SheetReport, row: CheckedRow, known: _KnownFirms) -> Organisation | None:
    by_code, by_name = known.by_code(row.values), known.by_name(row.values)
    if by_code and fold(by_code.name) != fold(row.values["firm"]):
        report.add(
            row.number,
            "credit_code",
            _("已登记在“%(known)s”名下，与这一行的企业名称“%(name)s”不一致，请核对代码或名称")
            % {"known": by_code.name, "name": row.values["firm"]},
        )
    elif by_name and row.values["credit_code"] and by_name.credit_code not in ("", row.values["credit_code"]):
        report.add(
            row.number,
            "credit_code",
            _("与“%(name)s”已登记的代码 %(code)s 不一致，请核对") % {"name": by_name.name, "code": by_name.credit_code},
        )
    return by_code or by_name


def _new_firm(row: CheckedRow, regions: dict[int, Region]) -> Organisation:
    return Organisation(
        name=row.values["firm"],
        kind=Organisation.Kind.FIRM,
        credit_code=row.values["credit_code"] or "",
        firm_type=row.values["firm_type"] or "",
        stat_region=regions.get(row.values["region"]),
    )


def _check_firm(report: SheetReport, row: CheckedRow, firm: Organisation, by) -> None:
    said = row.values["region"]
    if firm.kind != Organisation.Kind.FIRM:
        report.add(
            row.number,
            "firm",
            _("登记为%(kind)s，不是企业，请核对名称") % {"kind": firm.get_kind_display()},
        )
    elif firm.pk and firm.stat_region_id is None:
        report.add(row.number, "firm", _("在平台上还没有统计归口，请市级专员先在单位信息中补上"))
    elif firm.stat_region_id is None:
        if not any(problem.row == row.number and problem.key == "region" for problem in report.problems):
            report.add(row.number, "region", _("没有填写，平台上也没有这家企业，请补上所属区市县"))
    elif said is not None and said != firm.stat_region_id:
        report.add(
            row.number,
            "region",
            _("与“%(firm)s”的统计归口“%(region)s”不一致，请核对；如企业已迁移，请市级专员先修改单位信息")
            % {"firm": firm.name, "region": firm.stat_region},
        )
    elif not owns_or_manages(by, firm):
        report.add(row.number, "firm", _("不在您的管理范围内，请删去这一行，或选择“只导入本单位的行”"))


# --- Demands already there ---------------------------------------------------------------------------------------
def _entries(report: SheetReport, firms: dict[int, Organisation]) -> list[Entry]:
    known = Demand.objects.filter(firm__in={firm.pk for firm in firms.values() if firm.pk}).select_related(
        "firm", "contact"
    )
    # A closed demand counts only where no other has its name: it was closed for a reason and stays so.
    demands = {
        (demand.firm_id, title_key(demand.title)): demand
        for demand in sorted(
            known.prefetch_related("indicators"), key=lambda d: (d.status != Demand.Status.CLOSED, d.pk)
        )
    }
    industries = next(column.parse.options for column in report.sheet.columns if column.key == "industry")
    return [
        Entry(row, firm, demands.get((firm.pk, title_key(title))), industries.get(row.values["industry"], ""))
        for row in report.rows
        if (firm := firms.get(row.number)) and (title := row.values["title"])
    ]


def _note_left_alone(report: SheetReport, entries: list[Entry], by) -> None:
    left = Counter(
        entry.demand.get_status_display() for entry in entries if entry.demand and not may_overwrite(entry.demand, by)
    )
    for status, count in left.items():
        report.notices.append(
            _("有 %(count)d 行与“%(status)s”的需求同名，导入时保持原样，不改动") % {"count": count, "status": status}
        )
