"""The report as a Word file."""

import io

from rounds.report.document import ReportDocument, ReportTable

LATIN, HAN, HEAD = "Times New Roman", "宋体", "黑体"
GREY = "E9F2F6"


def report_word(report: ReportDocument) -> bytes:
    """Return the report as .docx."""
    from docx import Document as Word
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    word = Word()
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.4)
    for name, size in (("Normal", 11), ("Title", 20), ("Heading 1", 14), ("Caption", 10)):
        _fonts(word.styles[name], size, HAN if name in {"Normal", "Caption"} else HEAD)
    word.core_properties.title = report.title
    word.core_properties.author = ""
    word.add_paragraph(report.title, style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    subtitle = f"{report.subtitle} · 草稿" if report.is_draft else report.subtitle
    word.add_paragraph(subtitle).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for section in report.sections:
        word.add_paragraph(section.title, style="Heading 1")
        for text in section.paragraphs:
            paragraph = word.add_paragraph(text)
            paragraph.paragraph_format.first_line_indent = Pt(22)
            paragraph.paragraph_format.line_spacing = 1.5
        for table in section.tables:
            _table(word, table)
    word.add_paragraph("数字口径", style="Heading 1")
    for label, meaning in report.meanings:
        word.add_paragraph(f"{label}：{meaning}。")
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _fonts(style, size: int, han: str) -> None:
    """Set the East Asian font by its attribute: python-docx has no property for it."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0x17, 0x24, 0x2E)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    fonts.set(qn("w:eastAsia"), han)
    fonts.set(qn("w:hAnsi"), LATIN)


def _table(word, table: ReportTable) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    word.add_paragraph(table.caption, style="Caption")
    grid = word.add_table(rows=1, cols=len(table.heads), style="Table Grid")
    for cell, words in zip(grid.rows[0].cells, table.heads, strict=True):
        cell.text = words
        _shade(cell)
    _repeat(grid.rows[0])
    for row in table.rows:
        cells = grid.add_row().cells
        cells[0].text = row.name
        for cell, value in zip(cells[1:], row.cells, strict=True):
            cell.text = value.words
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    word.add_paragraph()


def _shade(cell) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), GREY)
    cell._tc.get_or_add_tcPr().append(shade)


def _repeat(row) -> None:
    """Repeat the header row on every page of the table."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)
