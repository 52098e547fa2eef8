"""Check collection sheets of achievements against the column rules and the registry. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from accounts.models import Organisation, User
from achievements.models import Achievement
from achievements.sheet_columns import achievement_columns
from core.confidentiality import find_secrecy_marking
from core.public_text import check_public_columns
from sheets.archive import UnreadableSheet
from sheets.cells import CellProblem, fold, normalize_text
from sheets.checking import WARNING, CheckedRow, SheetReport, UniqueTogether, check_rows
from sheets.reading import Sheet, SheetRow, read_workbook
from sheets.values import NO
from sheets.writing import write_template
from taxonomy.models import MAX_MATURITY_LEVEL, MaturityScale

Status = Achievement.Status
PUBLIC_COLUMNS = (
    *(
        "title",
        "college",
        "partner_names",
        "lead_person",
        "completers",
        "applied_industry",
        "discipline",
        "keywords",
        "summary",
    ),
    *("indicators", "innovation", "scenario", "economics", "limits", "intellectual_property", "evaluated_by"),
    *("maturity_evidence", "wanted_partner", "transferred_note"),
)
"""Columns of texts that everybody can read."""


class SecretSheet(UnreadableSheet):
    """The sheet contains a secrecy marking. The file must not be stored, so there is no report to correct it with."""


def check_achievements(content, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check a sheet (bytes or a binary file) for `by`. The report names row, field, value and remedy of each error.

    Rows of institutions that `by` does not represent are errors; with `only_own` they are skipped and counted.
    Raises UnreadableSheet if the file is not a sheet of achievements, SecretSheet if it has a secrecy marking.
    """
    sheet = read_workbook(content, achievement_columns(), filename=filename)
    _refuse_secrets(sheet)
    if only_own and not by.scope.is_city:
        sheet = _own_rows(sheet, by)
    report = check_rows(sheet, row_checks=[_level_fits_scale], unique=[UniqueTogether(("title", "institution"))])
    published = dict(Organisation.objects.institutions().values_list("pk", "public_contacts"))
    check_public_columns(report, PUBLIC_COLUMNS, lambda row: published.get(row["institution"], ()))
    if not sheet.rows:
        report.add(sheet.header.row, "institution", "表中没有您单位的成果，请核对单位名称或更换文件")
    _check_scope(report, by)
    _check_registry(report)
    return report


def achievement_template() -> bytes:
    """The empty .xlsx form of the collection sheet."""
    notes = [
        "带 ★ 的列必须填写。每项成果一行；涉及国家秘密的成果不得填报。",
        "同一文件可以重复导入：内容相同的行不会重复录入，已入库的成果不会被改动。",
    ]
    return write_template("科技成果", achievement_columns(), notes=notes)


def normalized_title(title: str) -> str:
    """Title for comparison: character width, case and blanks are ignored."""
    return fold(title)


def existing_achievements(rows: Iterable[CheckedRow]) -> dict[tuple[int, str], Achievement]:
    """Achievements with the institution and title of one of `rows`, by (institution id, normalized title)."""
    wanted = {(row.values["institution"], normalized_title(row.values["title"])) for row in rows if row.values["title"]}
    candidates = (
        Achievement.objects.exclude(status=Status.WITHDRAWN)
        .filter(institution__in={institution for institution, _title in wanted if institution})
        .order_by("pk")
    )
    named = candidates.values_list("pk", "institution_id", "title")  # all rows of a large institution take memory
    by_key = {(institution, normalized_title(title)): pk for pk, institution, title in named.iterator()}
    keys = {key: pk for key, pk in by_key.items() if key in wanted}
    rows_by_pk = candidates.in_bulk(keys.values())
    return {key: rows_by_pk[pk] for key, pk in keys.items() if pk in rows_by_pk}


def _refuse_secrets(sheet: Sheet) -> None:
    header = sheet.header
    secrecy, confirmed = header.positions.get("secrecy"), header.positions.get("non_secret")
    parsers = {column.key: column.parse for column in sheet.columns}
    for row in sheet.rows:
        for at, cell in row.cells.items():
            text = cell if isinstance(cell, str) else ""
            if at == secrecy and text.strip() and not _is_unclassified(parsers["secrecy"], text):
                raise SecretSheet(_secrecy_message(row.number, header.texts[at], text))
            if at == confirmed and (cell is False or fold(text) in NO):
                raise SecretSheet(_secrecy_message(row.number, header.texts[at], text or "否"))
            if mark := find_secrecy_marking(text):
                raise SecretSheet(_secrecy_message(row.number, header.texts.get(at, ""), mark))


def _is_unclassified(parse: Callable, text: str) -> bool:
    try:
        return bool(parse(text))
    except CellProblem:
        return text.strip() in {"-", "—", "/", "无"}


def _secrecy_message(row: int, label: str, text: str) -> str:
    return (
        "第%(row)d行“%(label)s”写着“%(text)s”。涉密或未确认不涉密的成果不能录入本平台，文件没有保存；"
        "请从表中删去这些行，确认其余成果均不涉密后再上传。"
    ) % {"row": row, "label": label, "text": text.strip()[:20]}


def _own_rows(sheet: Sheet, by: User) -> Sheet:
    """Remove rows of other institutions. A misspelt own name is kept, so that it is reported as an error."""
    at = sheet.header.positions.get("institution")
    if at is None:
        return sheet
    parse = next(column.parse for column in sheet.columns if column.key == "institution")
    own = {fold(name) for pk, name in parse.options.items() if pk in by.scope.institution_ids}

    def is_own(row: SheetRow) -> bool:
        try:
            return parse(row.cells.get(at)) in by.scope.institution_ids
        except CellProblem:
            name = fold(normalize_text(row.cells.get(at) or "")[:60])
            return not name or bool(get_close_matches(name, own, n=1, cutoff=0.6))

    own_rows = tuple(row for row in sheet.rows if is_own(row))
    skipped = len(sheet.rows) - len(own_rows)
    notice = ["另有 %(count)d 行属于其他单位，未导入" % {"count": skipped}] if skipped else []
    return replace(sheet, rows=own_rows, notices=[*sheet.notices, *notice])


def _level_fits_scale(values: dict) -> Iterator[tuple]:
    level, scale = values["maturity_level"], values["maturity_scale"]
    if level is None:
        return
    if scale is None:
        yield "maturity_scale", "没有写明成熟度标准，按“技术就绪度（9 级）”处理", WARNING
    top = MAX_MATURITY_LEVEL[MaturityScale(scale or MaturityScale.TRL9)]
    if level > top:
        yield "maturity_level", "超出范围，所选标准只有 %(top)d 级，请核对等级或标准" % {"top": top}


def _check_scope(report: SheetReport, by: User) -> None:
    if by.scope.is_city:
        return
    for row in report.rows:
        institution = row.values["institution"]
        if institution is not None and institution not in by.scope.institution_ids:
            report.add(
                row.number,
                "institution",
                "是其他单位，您只能导入本单位的成果，请删去这一行，或选择“只导入本单位的行”",
            )


def _check_registry(report: SheetReport) -> None:
    """Add notices on rows that the import skips because the existing achievement is no longer a draft."""
    existing = existing_achievements(report.clean_rows)
    skipped: Counter[str] = Counter()
    for row in report.clean_rows:
        achievement = existing.get((row.values["institution"], normalized_title(row.values["title"])))
        if achievement and achievement.status != Status.DRAFT:
            skipped[achievement.get_status_display()] += 1
    for status, count in skipped.items():
        report.notices.append(
            "有 %(count)d 行与“%(status)s”的成果同名，导入时保持原样，不改动" % {"count": count, "status": status}
        )
