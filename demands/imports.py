"""Check collection sheets of demands against the column rules and the registry. Writes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import Organisation, Region, User
from core.personal_data import PERSONAL
from core.public_text import check_public_columns
from demands.exposing_texts import find_exposing
from demands.models import Demand
from demands.permissions import may_overwrite, owns_or_manages
from demands.sheet_columns import demand_columns
from sheets.cells import CellProblem, display_text, fold, is_blank
from sheets.checking import WARNING, CheckedRow, SheetReport, UniqueTogether, check_rows
from sheets.reading import Sheet, SheetRow, read_workbook
from sheets.writing import write_template
from taxonomy.indicators import parse_indicators

OUT_OF_SCOPE = "不在您的管理范围内。请删去这一行，或核对企业名称、代码和所属区市县；新企业须属于本区市县"

RECOMMENDED = {
    "credit_code": "没有填写，将按企业名称登记",
    "industry": "没有填写，请在初审时补充",
    "kind": "没有填写，按“其他”登记",
    "problem": "没有填写，暂以需求名称代替，请在初审时补充",
    "indicators": "没有填写，请在初审时补充",
    "ways": "没有填写，请在初审时补充",
    "period": "没有填写，请在初审时补充",
    "anonymous": "没有填写，按匿名发布处理",
    "contact": "没有填写，对接时将无法联系",
    "phone": "没有填写，对接时将无法联系",
}
"""Recommended columns, with the warning for an empty cell. Real sheets often lack them."""
PUBLIC_COLUMNS = (
    "title",
    "applied_industry",
    "problem",
    "goal",
    "indicators",
    "conditions",
    "period",
    "partner",
    "keywords",
)
"""Columns of texts that everybody can read."""
PERSONAL_LABELS = {kind.label for kind in PERSONAL}
GOAL_LENGTH = Demand._meta.get_field("goal").max_length


@dataclass(frozen=True)
class ImportEntry:
    """A checked row with its firm (unsaved if new) and its existing demand, if any."""

    row: CheckedRow
    firm: Organisation
    demand: Demand | None
    industry_name: str

    @property
    def is_new_firm(self) -> bool:
        return self.firm.pk is None


@dataclass(frozen=True)
class ImportPlan:
    """The result of a check: the report for users, and the entries of rows without errors for the import."""

    report: SheetReport
    entries: list[ImportEntry]

    @property
    def ok(self) -> bool:
        return self.report.ok

    @property
    def errors(self) -> list:
        return self.report.errors

    def parts(self, size: int) -> "Iterator[tuple[int, ImportPlan]]":
        """(number of its last row, the plan with these entries only) for each `size` entries, which it gives away."""
        self.report.forget_cells()
        self.report.rows.clear()
        while entries := self.entries[:size]:
            del self.entries[:size]
            yield entries[-1].row.number, replace(self, entries=entries)


def check_demands(content, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check a sheet (bytes or a binary file) for `by`. The report names row, field, value and remedy of each error.

    Rows of firms out of the scope of `by` are errors; with `only_own` they are skipped and counted. Raises
    UnreadableSheet if the file is not a sheet of demands, PermissionDenied if `by` may not import.
    """
    return plan_import(content, filename, by=by, only_own=only_own).report


def plan_import(content, filename: str, *, by: User, only_own: bool = False) -> ImportPlan:
    """`check_demands` with the entries that an import would write."""
    scope = by.scope
    if not (scope.is_city or scope.is_district or scope.firm_ids):
        raise PermissionDenied("只有企业、区市县和市级专员可以导入需求。")
    sheet = read_workbook(content, demand_columns(), filename=filename)
    if only_own and not scope.is_city:
        sheet = _own_rows(sheet, by)
    report = check_rows(sheet, row_checks=[_goal_fits], unique=[UniqueTogether(("title", "firm"))])
    _note_gaps(report)
    _note_aliases(report)
    if not sheet.rows:
        report.add(sheet.header.row, "firm", "表中没有属于您管理范围的需求，请核对所属区市县或更换文件")
    _check_same_firm(report)
    firms = _firms_of(report, by)
    _check_public_texts(report, firms)
    clean = {row.number for row in report.clean_rows}
    entries = [entry for entry in _entries(report, firms) if entry.row.number in clean]
    _note_unchanged_demands(report, entries, by)
    return ImportPlan(report, entries)


def demand_template() -> bytes:
    """The empty .xlsx form of the collection sheet."""
    notes = [
        "红色列必填；其余标“应填”的列请尽量填写，缺少时可以导入，但需在初审时补充。",
        "金额以万元计，可写“50”“50-100”“约50”“面议”。统一社会信用代码和电话请用文本格式。",
    ]
    return write_template("技术需求", demand_columns(), notes=notes)


def normalized_title(title: str) -> str:
    """Title for comparison: character width, case and blanks are ignored."""
    return fold(title)


# --- Rows in scope -----------------------------------------------------------------------------------------------
def _own_rows(sheet: Sheet, by: User) -> Sheet:
    """Remove rows of firms out of the scope of `by`. Rows whose firm is unclear are kept, so that they are reported."""
    row_values = [
        {key: _cell_value(sheet, row, key) for key in ("firm", "credit_code", "region")} for row in sheet.rows
    ]
    lookup = _FirmLookup(row_values)
    regions = {region.pk: region for region in Region.objects.reporting()}

    def is_own(values: dict) -> bool:
        firm = lookup.by_code(values) or lookup.by_name(values)
        if firm is not None and owns_or_manages(by, firm):
            return True
        if values["region"] is None:
            return by.scope.is_district  # reported later; officers of a firm import for existing firms only
        return firm is None and owns_or_manages(by, Organisation(stat_region=regions.get(values["region"])))

    own_rows = tuple(row for row, values in zip(sheet.rows, row_values, strict=True) if is_own(values))
    skipped = len(sheet.rows) - len(own_rows)
    notice = ["另有 %(count)d 行属于其他单位，未导入" % {"count": skipped}] if skipped else []
    return replace(sheet, rows=own_rows, notices=[*sheet.notices, *notice])


def _cell_value(sheet: Sheet, row: SheetRow, key: str):
    """The parsed value of a cell; None if it is empty or invalid."""
    column = next(column for column in sheet.columns if column.key == key)
    cell = row.cells.get(sheet.header.positions.get(key))
    if is_blank(cell):
        return None
    try:
        return column.parse(cell)
    except CellProblem:
        return None


# --- Single rows -------------------------------------------------------------------------------------------------
def _goal_fits(values: dict) -> Iterator[tuple]:
    goal, _indicators = goal_and_indicators(values)
    if len(goal) > GOAL_LENGTH:
        yield (
            "indicators",
            "中不是“名称＋数值＋单位”的内容会并入预期目标，合计 %(length)d 个字，超过 %(longest)s 字的上限，请精简"
            % {"length": len(goal), "longest": GOAL_LENGTH},
        )


def goal_and_indicators(values: dict) -> tuple[str, list[dict]]:
    """(goal, indicators): lines of the indicator column that are not quantified are appended to the goal."""
    indicators, rest = parse_indicators(values["indicators"] or "")
    return "\n".join(text for text in (values["goal"], rest) if text), indicators


def _note_gaps(report: SheetReport) -> None:
    """Warn about each empty cell of a recommended column; add one notice on missing recommended columns."""
    present = report.sheet.header.positions
    invalid = {(problem.row, problem.key) for problem in report.problems}
    for row in report.rows:
        for key, message in RECOMMENDED.items():
            if key in present and row.values[key] in (None, "", ()) and (row.number, key) not in invalid:
                report.add(row.number, key, str(message), level=WARNING)
    missing = [column.label for column in report.sheet.columns if column.key in RECOMMENDED.keys() - present.keys()]
    if missing:
        report.notices.append("表中没有这些列，请在初审时补充：%(names)s" % {"names": "、".join(missing)})


def _note_aliases(report: SheetReport) -> None:
    for row in report.rows:
        if row.values["alias"]:
            report.add(row.number, "alias", "由平台生成，这一格不采用", level=WARNING)


def _check_public_texts(report: SheetReport, firms: dict[int, Organisation]) -> None:
    """No personal data in any row, and no name of the firm in an anonymous one."""
    published = {id(row.values): firms[row.number].public_contacts for row in report.rows if row.number in firms}
    check_public_columns(report, PUBLIC_COLUMNS, lambda values: published.get(id(values), ()))
    places = {key: at for key in PUBLIC_COLUMNS if (at := report.sheet.header.positions.get(key))}
    cells = {row.number: row.cells for row in report.sheet.rows}
    for row in report.rows:
        firm = firms.get(row.number)
        if firm is None or row.values["anonymous"] is False:
            continue
        for key, at in places.items():
            text = display_text(cells[row.number].get(at))
            for find in find_exposing(firm, [(key, "", text)]):
                if find.is_name:
                    message = "匿名需求里写了企业名称“%(excerpt)s”，请改成“本企业”，或在“是否匿名发布”填“否”"
                    report.add(row.number, key, message % {"excerpt": find.excerpt})
                elif find.kind not in PERSONAL_LABELS:
                    message = "匿名需求里有%(kind)s“%(excerpt)s”，建议%(proposal)s；不改的话，发布前需要企业确认"
                    values = {"kind": find.kind, "excerpt": find.excerpt, "proposal": find.proposal}
                    report.add(row.number, key, message % values, level=WARNING)


# --- Firms -------------------------------------------------------------------------------------------------------
class _FirmLookup:
    """Finds the organisations of rows ({firm, credit_code}) by name or credit code, in one query."""

    def __init__(self, rows: Iterable[dict]) -> None:
        rows = list(rows)
        names = {name for row in rows if row["firm"] for name in _spellings(row["firm"])}
        codes = {row["credit_code"] for row in rows if row["credit_code"]}
        firms = Organisation.objects.filter(Q(name__in=names) | Q(credit_code__in=codes)).select_related("stat_region")
        self._by_name = {fold(firm.name): firm for firm in firms}
        self._by_code = {firm.credit_code: firm for firm in firms if firm.credit_code}

    def by_name(self, row: dict) -> Organisation | None:
        return self._by_name.get(fold(row["firm"])) if row["firm"] else None

    def by_code(self, row: dict) -> Organisation | None:
        return self._by_code.get(row["credit_code"]) if row["credit_code"] else None


def _spellings(name: str) -> set[str]:
    """The name with half-width and with full-width brackets; both occur for the same firm."""
    return {name, name.replace("（", "(").replace("）", ")"), name.replace("(", "（").replace(")", "）")}


def _check_same_firm(report: SheetReport) -> None:
    """SheetReport a credit code with two names, and a name with two credit codes, within the sheet."""
    names: dict[str, tuple[int, str]] = {}
    codes: dict[str, tuple[int, str]] = {}
    for row in report.rows:
        name, code = row.values["firm"], row.values["credit_code"]
        if not (name and code):
            continue
        first_row, other = names.setdefault(code, (row.number, name))
        if fold(other) != fold(name):
            report.add(
                row.number,
                "credit_code",
                "在第%(row)d行属于“%(other)s”，这一行是“%(name)s”，请核对是哪一家的代码"
                % {"row": first_row, "other": other, "name": name},
            )
        first_row, other = codes.setdefault(fold(name), (row.number, code))
        if other != code:
            report.add(
                row.number,
                "credit_code",
                "与第%(row)d行同一企业的代码 %(other)s 不同，请核对" % {"row": first_row, "other": other},
            )


def _firms_of(report: SheetReport, by: User) -> dict[int, Organisation]:
    """{row number: firm}, unsaved if the firm is new. Adds errors to the report."""
    lookup = _FirmLookup(row.values for row in report.rows)
    regions = {region.pk: region for region in Region.objects.reporting()}
    new: dict[str, Organisation] = {}
    firms = {}
    for row in report.rows:
        if not row.values["firm"]:
            continue
        problem_count = len(report.problems)
        if not _is_within_scope(row, lookup, regions, by):
            report.add(row.number, "firm", OUT_OF_SCOPE)
            continue
        firm = _existing_firm(report, row, lookup) or new.get(fold(row.values["firm"]))
        if firm is None:
            firm = new[fold(row.values["firm"])] = _new_firm(row, regions)
        firms[row.number] = firm
        if len(report.problems) == problem_count:  # otherwise it is unclear which firm is meant
            _check_firm(report, row, firm, by)
    return firms


def _is_within_scope(row: CheckedRow, lookup: _FirmLookup, regions: dict[int, Region], by: User) -> bool:
    """Whether the row is about a firm that `by` works with, or a new one of the own district.

    Rows about other firms get one sentence, whether the firm is in the registry or not.
    """
    known = [firm for firm in (lookup.by_code(row.values), lookup.by_name(row.values)) if firm]
    if by.scope.is_city:
        return True
    if known:
        return all(owns_or_manages(by, firm) for firm in known)
    return owns_or_manages(by, Organisation(stat_region=regions.get(row.values["region"])))


def _existing_firm(report: SheetReport, row: CheckedRow, lookup: _FirmLookup) -> Organisation | None:
    by_code, by_name = lookup.by_code(row.values), lookup.by_name(row.values)
    if by_code and fold(by_code.name) != fold(row.values["firm"]):
        report.add(
            row.number,
            "credit_code",
            "已登记在“%(known)s”名下，与这一行的企业名称“%(name)s”不一致，请核对代码或名称"
            % {"known": by_code.name, "name": row.values["firm"]},
        )
    elif by_name and row.values["credit_code"] and by_name.credit_code not in ("", row.values["credit_code"]):
        report.add(
            row.number,
            "credit_code",
            "与“%(name)s”已登记的代码 %(code)s 不一致，请核对" % {"name": by_name.name, "code": by_name.credit_code},
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


def _check_firm(report: SheetReport, row: CheckedRow, firm: Organisation, by: User) -> None:
    region = row.values["region"]
    if firm.kind != Organisation.Kind.FIRM:
        report.add(
            row.number,
            "firm",
            "登记为%(kind)s，不是企业，请核对名称" % {"kind": firm.get_kind_display()},
        )
    elif firm.pk and firm.stat_region_id is None:
        report.add(row.number, "firm", "在平台上还没有统计归口，请市级专员先在单位信息中补上")
    elif firm.stat_region_id is None:
        if not any(problem.row == row.number and problem.key == "region" for problem in report.problems):
            report.add(row.number, "region", "没有填写，平台上也没有这家企业，请补上所属区市县")
    elif region is not None and region != firm.stat_region_id:
        report.add(
            row.number,
            "region",
            "与“%(firm)s”的统计归口“%(region)s”不一致，请核对；如企业已迁移，请市级专员先修改单位信息"
            % {"firm": firm.name, "region": firm.stat_region},
        )
    elif not owns_or_manages(by, firm):
        report.add(row.number, "firm", "不在您的管理范围内，请删去这一行，或选择“只导入本单位的行”")


# --- Existing demands ---------------------------------------------------------------------------------------------
def _entries(report: SheetReport, firms: dict[int, Organisation]) -> list[ImportEntry]:
    existing = Demand.objects.filter(firm__in={firm.pk for firm in firms.values() if firm.pk}).select_related(
        "firm", "contact"
    )
    # A closed demand is used only if the firm has no other demand with this title.
    demands = {
        (demand.firm_id, normalized_title(demand.title)): demand
        for demand in sorted(
            existing.prefetch_related("indicators"), key=lambda d: (d.status != Demand.Status.CLOSED, d.pk)
        )
    }
    industries = next(column.parse.options for column in report.sheet.columns if column.key == "industry")
    return [
        ImportEntry(
            row, firm, demands.get((firm.pk, normalized_title(title))), industries.get(row.values["industry"], "")
        )
        for row in report.rows
        if (firm := firms.get(row.number)) and (title := row.values["title"])
    ]


def _note_unchanged_demands(report: SheetReport, entries: list[ImportEntry], by: User) -> None:
    skipped = Counter(
        entry.demand.get_status_display() for entry in entries if entry.demand and not may_overwrite(entry.demand, by)
    )
    for status, count in skipped.items():
        report.notices.append(
            "有 %(count)d 行与“%(status)s”的需求同名，导入时保持原样，不改动" % {"count": count, "status": status}
        )
