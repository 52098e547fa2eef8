"""The forms of an annual report as Word and Excel; every counted number in Excel links to its rows."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from annual_reports.contents import FilledLayout, ReportTable
from annual_reports.models import AnnualReport
from audit.exports import watermark
from core.downloads import DOCX, XLSX
from core.word_templates import render_word_template
from sheets.cells import clean_text
from sheets.column_letters import column_letter
from sheets.workbooks import BORDER, HEADER_FILL, HEADER_FONT, WRAPPED, workbook_bytes
from sheets.writing import safe_sheet_title, safe_text

TEMPLATE = Path(__file__).with_name("annual_report_template.docx")
REQUIRED = ("tables", "stamp")
LINK_FONT = Font(color="0E5A7D", underline="single")
NOTE_FONT = Font(italic=True, color="667085")
RIGHT = Alignment(horizontal="right", vertical="top")
WIDTHS = (44, 22, 22, 22)
FORMATS = {"count": "#,##0", "money": "#,##0.00"}


@dataclass(frozen=True)
class RenderedFile:
    layout: str
    name: str
    content_type: str
    content: bytes


def render_files(
    report: AnnualReport, filled: list[FilledLayout], *, by: User, version: int | None
) -> list[RenderedFile]:
    """A Word and an Excel file for each form. version: None for a draft, which says so. Raises WordTemplateError."""
    return [
        file
        for layout in filled
        for file in (
            render_word(report, layout, by=by, version=version),
            render_workbook(report, layout, by=by, version=version),
        )
    ]


def render_word(report: AnnualReport, layout: FilledLayout, *, by: User, version: int | None) -> RenderedFile:
    context = {
        "title": title_of(report, layout),
        "institution": clean_text(report.institution.name),
        "tables": [_word_table(table) for table in layout.tables],
        "stamp": _stamp(report, version),
        "watermark": watermark(by, "以主管部门的填报要求为准"),
    }
    content = render_word_template(TEMPLATE.name, TEMPLATE, context, required=REQUIRED)
    return RenderedFile(layout.key, _name(report, layout, version, "docx"), DOCX, content)


def title_of(report: AnnualReport, layout: FilledLayout) -> str:
    return f"{layout.title}（{report.year} 年度）"


def _word_table(table: ReportTable) -> dict:
    return {
        "title": table.title,
        "columns": list(table.columns),
        "lines": [
            {"label": line.label, "cells": [clean_text(cell.shown) for cell in line.cells]} for line in table.lines
        ],
    }


def render_workbook(report: AnnualReport, layout: FilledLayout, *, by: User, version: int | None) -> RenderedFile:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = safe_sheet_title(layout.name)
    _write_head(sheet, report, layout, by, version)
    for table in layout.tables:
        _write_table(sheet, table, report)
    for at, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[column_letter(at)].width = width
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return RenderedFile(layout.key, _name(report, layout, version, "xlsx"), XLSX, workbook_bytes(book))


def _write_head(sheet: Worksheet, report: AnnualReport, layout: FilledLayout, by: User, version: int | None) -> None:
    sheet.append([safe_text(title_of(report, layout))])
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.append([safe_text(f"填报单位：{report.institution.name}")])
    for text in (_stamp(report, version), watermark(by, "蓝色的数点开看明细")):
        sheet.append([safe_text(text)])
        sheet.cell(sheet.max_row, 1).font = NOTE_FONT


def _write_table(sheet: Worksheet, table: ReportTable, report: AnnualReport) -> None:
    sheet.append([])
    sheet.append([safe_text(table.title)])
    sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    sheet.append(["指标", *(safe_text(column) for column in table.columns)])
    for cell in sheet[sheet.max_row]:
        if cell.value is not None:
            cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, BORDER
    for line in table.lines:
        row = sheet.max_row + 1
        label = sheet.cell(row, 1, safe_text(line.label))
        label.border, label.alignment = BORDER, WRAPPED
        for at, value in enumerate(line.cells, 2):
            cell = sheet.cell(row, at)
            cell.border = BORDER
            if value.number is None:
                cell.value, cell.alignment = safe_text(value.shown), WRAPPED
                continue
            cell.value, cell.number_format, cell.alignment = value.number, FORMATS[value.kind], RIGHT
            if value.figure:
                path = reverse("annual_report_rows", args=[report.public_id])
                cell.hyperlink = f"{settings.SITE_ADDRESS}{path}?figure={value.figure}"
                cell.font = LINK_FONT


def _stamp(report: AnnualReport, version: int | None) -> str:
    at = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    if version is None:
        return f"草稿，没有审核，不能报送；数据读取于 {at}"
    review = f"{report.reviewed_by} 审核" + ("（填报和审核是同一人）" if report.is_self_reviewed else "")
    return f"第 {version} 版；{report.filled_by} 填报，{review}；{at} 报送"


def _name(report: AnnualReport, layout: FilledLayout, version: int | None, suffix: str) -> str:
    mark = f"第{version}版" if version else "草稿"
    return f"{report.institution.short_name or report.institution.name}_{report.year}年度_{layout.name}_{mark}.{suffix}"
