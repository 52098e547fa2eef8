"""Is this sheet of achievements right? Reads the file and the registry; writes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from django.utils.translation import gettext as _

from accounts.models import Organisation
from achievements.columns import columns
from achievements.models import Achievement
from achievements.secrecy import secret_mark
from sheets.archive import UnreadableSheet
from sheets.cells import CellProblem, fold, normalize_text
from sheets.checking import WARNING, SheetReport, UniqueTogether, check_rows
from sheets.reading import Sheet, read_workbook
from sheets.values import NO, Choice
from sheets.writing import write_template
from taxonomy.models import TOP_LEVEL, Industry, MaturityScale

Status = Achievement.Status


class SecretSheet(UnreadableSheet):
    """A row says that it is secret. Neither the rows nor the file may be kept, so there is no report to repair from."""


def check_achievements(content, filename: str, *, by, only_own: bool = False) -> SheetReport:
    """Check a sheet (bytes or a binary file) for `by`: every fault with its Excel row, field, value and how to mend it.

    Rows of institutions the actor does not speak for are faults, or left out and counted with `only_own`.
    Raises UnreadableSheet for what is no sheet at all, SecretSheet for one that holds anything marked secret.
    """
    sheet = read_workbook(content, sheet_columns(), filename=filename)
    _refuse_secrets(sheet)
    if only_own and not by.scope.is_city:
        sheet = _own_rows(sheet, by)
    report = check_rows(sheet, row_checks=[_level_fits_scale], unique=[UniqueTogether(("title", "institution"))])
    if not sheet.rows:
        report.add(sheet.header.row, "institution", _("表中没有您单位的成果，请核对单位名称或更换文件"))
    _check_scope(report, by)
    _check_registry(report)
    return report


def sheet_columns():
    """The columns of a sheet, whose institutions and industries are those the registry knows now."""
    institutions = Organisation.objects.institutions().filter(is_active=True)
    industries = Industry.objects.active()
    return columns(
        Choice(
            {row.pk: row.name for row in institutions},
            {row.short_name: row.pk for row in institutions if row.short_name},
        ),
        Choice(
            {row.pk: row.name for row in industries},
            {alias: row.pk for row in industries for alias in row.aliases.split("、") if alias},
        ),
    )


def achievement_template() -> bytes:
    """An empty .xlsx to be filled in and sent back."""
    notes = [
        _("带 ★ 的列必须填写。每项成果一行；涉及国家秘密的成果不得填报。"),
        _("同一文件可以重复导入：内容相同的行不会重复录入，已入库的成果不会被改动。"),
    ]
    return write_template(_("科技成果"), sheet_columns(), notes=notes)


def title_key(title: str) -> str:
    """By which two titles are the same: width, case and blanks do not tell items apart."""
    return fold(title)


def known_titles(rows: Iterable) -> dict[tuple[int, str], Achievement]:
    """What the registry has under the institutions and titles of checked rows, by (institution, title key)."""
    wanted = {(row.values["institution"], title_key(row.values["title"])) for row in rows if row.values["title"]}
    there = (
        Achievement.objects.exclude(status=Status.WITHDRAWN)
        .filter(institution__in={institution for institution, _title in wanted if institution})
        .order_by("pk")
    )
    found = {(row.institution_id, title_key(row.title)): row for row in there}
    return {key: row for key, row in found.items() if key in wanted}


def _refuse_secrets(sheet: Sheet) -> None:
    header = sheet.header
    secrecy, confirmed = header.positions.get("secrecy"), header.positions.get("non_secret")
    parsers = {column.key: column.parse for column in sheet.columns}
    for row in sheet.rows:
        for at, cell in row.cells.items():
            text = cell if isinstance(cell, str) else ""
            if at == secrecy and text.strip() and not _is_open(parsers["secrecy"], text):
                raise SecretSheet(_secret(row.number, header.texts[at], text))
            if at == confirmed and (cell is False or fold(text) in NO):
                raise SecretSheet(_secret(row.number, header.texts[at], text or _("否")))
            if mark := secret_mark(text):
                raise SecretSheet(_secret(row.number, header.texts.get(at, ""), mark))


def _is_open(parse, text: str) -> bool:
    try:
        return bool(parse(text))
    except CellProblem:
        return text.strip() in {"-", "—", "/", "无"}


def _secret(row: int, label: str, text: str) -> str:
    return _(
        "第%(row)d行“%(label)s”写着“%(text)s”。涉密或未确认不涉密的成果不能录入本平台，文件没有保存；"
        "请从表中删去这些行，确认其余成果均不涉密后再上传。"
    ) % {"row": row, "label": label, "text": text.strip()[:20]}


def _own_rows(sheet: Sheet, by) -> Sheet:
    """Without the rows of other institutions. A name that is nearly one's own stays, to be reported and mended."""
    at = sheet.header.positions.get("institution")
    if at is None:
        return sheet
    parse = next(column.parse for column in sheet.columns if column.key == "institution")
    own = {fold(name) for pk, name in parse.options.items() if pk in by.scope.institution_ids}

    def is_own(row):
        try:
            return parse(row.cells.get(at)) in by.scope.institution_ids
        except CellProblem:
            name = fold(normalize_text(row.cells.get(at) or "")[:60])
            return not name or bool(get_close_matches(name, own, n=1, cutoff=0.6))

    kept = tuple(row for row in sheet.rows if is_own(row))
    left_out = len(sheet.rows) - len(kept)
    notice = [_("另有 %(count)d 行属于其他单位，未导入") % {"count": left_out}] if left_out else []
    return replace(sheet, rows=kept, notices=[*sheet.notices, *notice])


def _level_fits_scale(values: dict) -> Iterator[tuple]:
    level, scale = values["maturity_level"], values["maturity_scale"]
    if level is None:
        return
    if scale is None:
        yield "maturity_scale", _("没有写明成熟度标准，按“技术就绪度（9 级）”处理"), WARNING
    top = TOP_LEVEL[MaturityScale(scale or MaturityScale.TRL9)]
    if level > top:
        yield "maturity_level", _("超出范围，所选标准只有 %(top)d 级，请核对等级或标准") % {"top": top}


def _check_scope(report: SheetReport, by) -> None:
    if by.scope.is_city:
        return
    for row in report.rows:
        institution = row.values["institution"]
        if institution is not None and institution not in by.scope.institution_ids:
            report.add(
                row.number,
                "institution",
                _("是其他单位，您只能导入本单位的成果，请删去这一行，或选择“只导入本单位的行”"),
            )


def _check_registry(report: SheetReport) -> None:
    """Say which rows will be left alone because the registry's own item has gone beyond a draft."""
    known = known_titles(report.clean_rows)
    left = Counter()
    for row in report.clean_rows:
        there = known.get((row.values["institution"], title_key(row.values["title"])))
        if there and there.status != Status.DRAFT:
            left[there.get_status_display()] += 1
    for status, count in left.items():
        report.notices.append(
            _("有 %(count)d 行与“%(status)s”的成果同名，导入时保持原样，不改动") % {"count": count, "status": status}
        )
