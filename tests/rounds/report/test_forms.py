"""The report as page, Word and PDF has the same content."""

import io
import sys
from types import ModuleType
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from lxml import html

from accounts.models import User
from rounds.models import RoundReport
from rounds.report.counting import number_text
from rounds.report.document import build_document
from rounds.report.figures import FIGURES
from rounds.report.pdf import lay_out_report
from rounds.services.report import draft_report, edit_report, report_file
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.rounds.report.rounds import came, held_round, later

pytestmark = pytest.mark.long
EMU_PER_MM = 36000


@pytest.fixture(scope="module")
def kept_report(django_db_setup, django_db_blocker):
    """(primary keys of the report and of the city officer): a round with an earlier one beside it, one section mended
    and one left out."""
    with kept_rows(django_db_blocker):
        city = make.city_officer()
        first = held_round(name="秋季专场")
        s = held_round(**later(first.round))
        draft = draft_report(s.round, by=city)
        edit_report(draft, {"guests": "到会踊跃。\n共 3 家受邀。", "industries": ""}, revision=0, by=city)
        yield draft.pk, city.pk


@pytest.fixture
def city(db, kept_report):
    return User.objects.get(pk=kept_report[1])


@pytest.fixture
def report(db, kept_report) -> RoundReport:
    return RoundReport.objects.get(pk=kept_report[0])


def grid(table) -> list[list[str]]:
    return [table.heads, *([row.name, *(cell.words for cell in row.cells)] for row in table.rows)]


def wanted(report) -> tuple[list[str], list[list[list[str]]]]:
    """(paragraphs, tables) as the document has them."""
    sections = build_document(report).sections
    return [text for section in sections for text in section.paragraphs], [
        grid(t) for section in sections for t in section.tables
    ]


def in_html(text: str) -> tuple[list[str], list[list[list[str]]]]:
    tree = html.fromstring(text)
    paragraphs = [
        paragraph.text_content().strip() for paragraph in tree.xpath("//section/p[@class='rp-p' or not(@class)]")
    ]
    tables = [
        [[cell.text_content().strip() for cell in row.xpath("./th|./td")] for row in table.xpath(".//tr")]
        for table in tree.xpath("//section//table")
    ]
    return paragraphs, tables


def boxes(pages) -> str:
    """All text that stands on the pages."""
    return "".join(box.text for page in pages for box in page._page_box.descendants() if hasattr(box, "text"))


def test_page_word_and_pdf_of_a_draft_have_the_same_content_and_its_mark(report, city, signed_in):
    paragraphs, tables = wanted(report)
    assert len(tables) == 6 and "到会踊跃。" in paragraphs

    word = Word(io.BytesIO(report_file(report, "word")))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert "草稿" in texts[1]
    assert [text for text in paragraphs if text not in texts] == []
    assert [[[cell.text for cell in row.cells] for row in table.rows] for table in word.tables] == tables

    page = signed_in(city).get(reverse("admin:rounds_report", args=[report.docking_round_id])).text
    assert in_html(page) == (paragraphs, tables)

    set_text = boxes(lay_out_report(build_document(report)).pages).replace(" ", "").replace("\xa0", "")
    assert [text for text in paragraphs if text.replace(" ", "") not in set_text] == []
    numbers = [cell.replace(" ", "") for table in tables for row in table for cell in row]
    assert [cell for cell in numbers if cell not in set_text] == []
    assert "草稿" in set_text


def test_figures_keep_their_order_after_storage(report):
    table = build_document(report).sections[0].tables[0]
    assert [row.cells[0].figure for row in table.rows] == list(FIGURES)


def fonts(document, style: str) -> tuple[str, float]:
    """(Chinese font, points) of a paragraph style."""
    properties = document.styles[style].element.rPr
    return properties.rFonts.get(qn("w:eastAsia")), properties.sz_val.pt


def test_word_has_the_format_of_official_documents(report):
    """GB/T 9704: type area of 156 × 225 mm with 22 lines of 28 characters, fonts, page numbers, signature and date."""
    type(report.docking_round).objects.filter(pk=report.docking_round_id).update(
        host=make.organisation("city", "某市科学技术局")
    )
    report = RoundReport.objects.select_related("docking_round__host").get(pk=report.pk)
    word = Word(io.BytesIO(report_file(report, "word")))
    (section,) = word.sections
    assert [round(margin.mm) for margin in (section.top_margin, section.left_margin)] == [37, 28]
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert (round(width / EMU_PER_MM), round(height / EMU_PER_MM)) == (156, 225)
    grid = section._sectPr.find(qn("w:docGrid"))
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096  # points: 三号 and what the grid takes from it
    line = int(grid.get(qn("w:linePitch"))) / 20
    assert [round(width / 12700 / character, 1), round(height / 12700 / line, 1)] == [28, 22]
    by_text = {paragraph.text: paragraph.style.name for paragraph in word.paragraphs}
    styles = [word.paragraphs[0].style.name, by_text["一、概况"], by_text["到会踊跃。"]]
    assert [fonts(word, name) for name in styles] == [
        ("方正小标宋简体", 22),
        ("黑体", 16),
        ("仿宋_GB2312", 16),
    ]
    for footer in (section.footer, section.even_page_footer):
        pieces = footer._element.iter(qn("w:t"), qn("w:instrText"))
        assert [piece.text.strip() for piece in pieces] == ["—", "PAGE", "—"]
    signed = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "公文落款"]
    assert signed == ["某市科学技术局", build_document(report).day]


def test_word_tables_repeat_their_heads_on_each_page(report):
    for table in Word(io.BytesIO(report_file(report, "word"))).tables:
        heads = [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows]
        assert heads == [True] + [False] * (len(table.rows) - 1)
        assert table.rows[1].cells[-1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT


def test_text_of_a_report_is_no_template(report, city):
    text = "{{ 7*7 }} {% for x in y %} <w:p> & {_{"
    edit_report(report, {"guests": text}, revision=report.revision, by=city)
    report.refresh_from_db()
    assert text in [paragraph.text for paragraph in Word(io.BytesIO(report_file(report, "word"))).paragraphs]


def test_word_template_of_the_office_is_used_and_named_if_faulty(report, city, signed_in, settings, tmp_path):
    settings.WORD_TEMPLATES, client = str(tmp_path), signed_in(city)
    address = reverse("admin:rounds_report_word", args=[report.public_id])

    def place(text: str) -> None:
        own = Word()
        own.add_paragraph(text)
        own.save(tmp_path / "report_template.docx")

    place("市科技局：{{ subtitle }}")
    assert Word(io.BytesIO(client.get(address).content)).paragraphs[0].text.startswith("市科技局：第 1 版")
    place("市科技局：{{ subtitel }}")
    answer = client.get(address)
    assert answer.status_code == 503 and "没有生成 Word" in answer.text
    assert "Word 模板 report_template.docx 有问题：没有“subtitel”这个字段" in answer.text
    assert "没有发布：Word 模板 report_template.docx 有问题" in send(client, report, deed="release").text
    report.refresh_from_db()
    assert report.status == RoundReport.Status.DRAFT
    place("没有草稿标记")
    assert "缺少必须有的字段 {{ subtitle }}" in client.get(address).text


def test_every_number_links_to_its_rows(report, city, signed_in):
    """Each link names the figure and group of its number, which `test_counting` compares with the rows. One page of
    each kind of record and grouping is opened."""
    client, figures, opened = signed_in(city), report.figures, set()
    page = html.fromstring(client.get(reverse("admin:rounds_report", args=[report.docking_round_id])).text)
    links = {(link.get("href"), link.text_content()) for link in page.xpath("//td/a")}
    assert len(links) > 30
    for address, words in sorted(links):
        path, _mark, query = address.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        name, by = asked["figure"], asked.get("by", "")
        line = next(line for line in figures["by"][by] if line["key"] == asked["key"]) if by else figures["totals"]
        assert (path, words) == (links_to(report), number_text(line[name], name)), address
        shown = FIGURES[name].kind, by, bool(FIGURES[name].money)
        if shown not in opened:
            opened.add(shown)
            rows = client.get(address)
            assert rows.status_code == 200, address
            assert FIGURES[name].money or f"{words} 条" in rows.text, address
    assert len(opened) > 10


def links_to(report) -> str:
    return reverse("admin:rounds_report_rows", args=[report.docking_round_id])


@pytest.mark.parametrize(
    "query",
    ["", "?figure=burn", "?figure=held&by=moon", "?figure=people&by=district", "?figure=held&by=district&key=x"],
)
def test_unknown_figure_is_404(report, city, signed_in, query):
    assert signed_in(city).get(links_to(report) + query).status_code == 404


def test_row_lists_have_a_fixed_number_of_queries(report, city, signed_in):
    client, docking_round = signed_in(city), report.docking_round
    address = links_to(report)

    def queries(figure: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{address}?figure={figure}")
        return len(caught)

    figures = ("invited_firms", "people", "held")
    queries("held")
    before = {figure: queries(figure) for figure in figures}
    team = docking_round.parties.filter(side="office").first()
    for _ in range(3):
        firm = make.party(docking_round)
        came(firm, "来者")
        make.meeting(firm, team, status="held")
    assert {figure: queries(figure) for figure in figures} == before


def send(client, report, **data):
    address = reverse("admin:rounds_report_change", args=[report.docking_round_id])
    return client.post(address, {"report": report.public_id, "revision": report.revision} | data, follow=True)


def test_report_is_edited_recounted_and_released_on_the_page(report, city, signed_in):
    client = signed_in(city)
    assert "已保存。" in send(client, report, deed="edit", overview="开场顺利。").text
    came(report.docking_round.parties.filter(side="firm").first(), "后到的")
    report.refresh_from_db()
    answer = send(client, report, deed="release")
    assert "数字有变化" in answer.text
    answer = send(client, report, deed="recount")
    assert "请对照新数字检查：邀请与到会" in answer.text
    report.refresh_from_db()
    answer = send(client, report, deed="release")
    assert "已发布，Word 和 PDF 已保存，不能再改。" in answer.text
    assert 'name="deed" value="edit"' not in answer.text
    assert "起草新的一版" in answer.text
    report.refresh_from_db()
    assert "没有这样的操作" in send(client, report, deed="burn").text
    answer = client.get(reverse("admin:rounds_report_pdf", args=[report.public_id]))
    assert answer.content.startswith(b"%PDF")
    assert "%E7%AC%AC1%E7%89%88.pdf" in answer.headers["Content-Disposition"]


def test_downloads_of_a_draft_have_readable_names(report, city, signed_in, monkeypatch):
    monkeypatch.setattr("rounds.services.report.report_pdf", lambda document: b"%PDF-1")
    answer = signed_in(city).get(reverse("admin:rounds_report_pdf", args=[report.public_id]))
    assert answer.content == b"%PDF-1"
    assert "%E7%AC%AC1%E7%89%88%E8%8D%89%E7%A8%BF.pdf" in answer.headers["Content-Disposition"]


def test_earlier_version_is_readable(report, city, signed_in):
    address = reverse("admin:rounds_report", args=[report.docking_round_id])
    assert signed_in(city).get(address + "?version=1").status_code == 200
    assert signed_in(city).get(address + "?version=7").status_code == 404


def test_missing_pango_is_reported_on_download_and_release(report, city, signed_in, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", NoPango())
    client = signed_in(city)
    answer = client.get(reverse("admin:rounds_report_pdf", args=[report.public_id]))
    assert answer.status_code == 503 and "缺少排版程序 Pango" in answer.text
    answer = send(client, report, deed="release")
    assert "没有发布：服务器缺少排版程序 Pango" in answer.text
    report.refresh_from_db()
    assert report.status == RoundReport.Status.DRAFT and not report.pdf_file
    assert client.get(reverse("admin:rounds_report_word", args=[report.public_id])).status_code == 200


class NoPango(ModuleType):
    """As WeasyPrint is where the system has no Pango: it cannot be imported."""

    def __init__(self):
        super().__init__("weasyprint")

    def __getattr__(self, name):
        raise OSError("cannot load library 'libpango-1.0-0'")
