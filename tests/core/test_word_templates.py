"""Word templates: users' texts stand as they were written, faulty templates are named, ours are sound."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from docx import Document

from core.word_templates import WordTemplateError, render_word_template
from deals.registration import form_export
from rounds.report import word
from tests.test_architecture import sources

HOSTILE = "{{ 7*7 }}{% for x in y %}<w:p>&amp;&\x01\x07\x0c\ufffe{_{ }_}{_% %_}{# c #}]]>'\"“引”{{p x }}"
LITERAL = "{{ 7*7 }}{% for x in y %}<w:p>&amp;&{_{ }_}{_% %_}{# c #}]]>'\"“引”{{p x }}"
CONTEXT = {"title": "标题", "text": HOSTILE, "rows": [{"name": "甲"}, {"name": "乙"}], "nothing": None}


def saved(path: Path, *paragraphs: str, cells: tuple[str, ...] = (), header: str = "") -> Path:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        table = document.add_table(rows=len(cells), cols=1)
        for cell, text in zip(table.columns[0].cells, cells, strict=True):
            cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.save(path)
    return path


@pytest.fixture
def render(tmp_path):
    def made(*paragraphs: str, required=(), **more):
        content = render_word_template(
            "own.docx", saved(tmp_path / "own.docx", *paragraphs, **more), CONTEXT, required=required
        )
        return Document(io.BytesIO(content))

    return made


@pytest.mark.parametrize(
    "tag",
    [
        "{{ text }}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(text) }}",
    ],
)
def test_text_of_users_stands_as_it_was_written(render, tag):
    assert render(tag, header=tag).paragraphs[0].text == LITERAL
    assert render("x", header=tag).sections[0].header.paragraphs[0].text == LITERAL


def test_line_breaks_and_missing_values(tmp_path):
    path = saved(tmp_path / "a.docx", "{{ text }}|{{ nothing }}|")
    content = render_word_template("a.docx", path, {"title": "甲 & \x01乙" * 90, "text": "一\r\n二", "nothing": None})
    document = Document(io.BytesIO(content))
    assert document.paragraphs[0].text == "一\n二||"
    assert document.core_properties.title.startswith("甲 & 乙甲 & 乙") and document.core_properties.author == ""


def test_rows_and_typographic_quotes(render):
    document = render("{{ “引”|upper }}", cells=("{%tr for row in rows %}", "{{ row.name }}", "{%tr endfor %}"))
    assert document.paragraphs[0].text == "引"
    assert [row.cells[0].text for row in document.tables[0].rows] == ["甲", "乙"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("{{ ''.__class__.__mro__ }}", "用了不允许的写法"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "用了不允许的写法"),
        ("{{ rows.append(1) }}", "用了不允许的写法"),
        ("{{ txt }}", "没有“txt”这个字段"),
        ("{{ rows[0].nam }}", "没有“nam”这个字段"),
        ("{{ rows[9].name }}", "没有这个字段"),
        ("{% for row in rows %}", "没有成对"),
        ("{% endif %}", "没有成对"),
        ("{{ text", "标签写得不对"),
        ("{{ text|safe }}", "标签写得不对"),
        ("{{ 1/0 }}", "标签不能计算"),
        ("{% include '/etc/passwd' %}", "标签不能计算"),
        ("{% for i in range(10**9) %}{% endfor %}", "标签不能计算"),
    ],
)
def test_a_faulty_tag_is_named(render, tag, problem):
    for place in ({}, {"header": tag}):
        with pytest.raises(ValidationError) as caught:
            render("前文", *([] if place else ["致" + tag]), "后文", **place)
        message = caught.value.messages[0]
        assert message.startswith("Word 模板 own.docx 有问题：") and problem in message
        assert f"{tag}" in message and "前文" not in message


@pytest.mark.parametrize(
    ("paragraphs", "cells"),
    [
        (["甲乙丙", "{{p title }}"], ()),
        (["甲乙丙", "{{r title }}"], ()),
        (["甲乙丙 {% for row in rows %}"], ("{{ row.name }}{% endfor %}",)),
        (["甲乙丙"], ("{%p if nothing %}{%p endif %}",)),
        (["甲乙丙"], ("{%tc if nothing %}", "{%tc endif %}")),
    ],
)
@pytest.mark.long
def test_a_tag_that_would_damage_the_document_is_refused(render, paragraphs, cells):
    with pytest.raises(WordTemplateError, match=r"own[.]docx 有问题：.*附近"):
        render(*paragraphs, cells=cells)


@pytest.mark.parametrize("content", [b"", b"no zip", "folder", "other zip", "cut off"])
def test_what_is_no_word_file_is_named(tmp_path, content):
    path = tmp_path / "own.docx"
    if content == "folder":
        path.mkdir()
    elif content == "other zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "x")
    elif content == "cut off":
        path.write_bytes(word.TEMPLATE.read_bytes()[:9000])
    else:
        path.write_bytes(content)
    with pytest.raises(WordTemplateError, match=r"own[.]docx 有问题：打不开"):
        render_word_template("own.docx", path, CONTEXT)


def test_footnotes_are_rendered(tmp_path):
    """Word keeps them in a part of their own, which python-docx does not read."""
    path, own = saved(tmp_path / "a.docx", "x"), tmp_path / "own.docx"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    notes = (
        '<?xml version="1.0" encoding="UTF-8"?><w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml'
        '/2006/main"><w:footnote w:id="1"><w:p><w:r><w:t>{{ text }}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(own, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode("latin-1")
            if name == "[Content_Types].xml":
                part = part.replace(
                    "</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
                )
            if name == "word/_rels/document.xml.rels":
                target = f'<Relationship Id="rId99" Type="{relation}" Target="footnotes.xml"/></Relationships>'
                part = part.replace("</Relationships>", target)
            new.writestr(name, part.encode("latin-1"))
        new.writestr("word/footnotes.xml", notes)
    content = render_word_template("own.docx", own, CONTEXT)
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert "&#123;&#123; 7*7 &#125;&#125;" in made.read("word/footnotes.xml").decode()


def test_a_field_that_must_stand_is_asked_for(render):
    assert render("{{ text }}", required=("text",))
    assert render("{{ text }}", header="x", required=("text",))
    assert render("x", header="{{ text }}", required=("text",))
    with pytest.raises(WordTemplateError, match=r"缺少必须有的字段 \{\{ text \}\}"):
        render("{{ title }}", required=("text",))


def test_a_template_of_the_office_replaces_ours(tmp_path, settings):
    ours, folder = saved(tmp_path / "ours.docx", "我们的 {{ title }}"), tmp_path / "office"

    def text() -> str:
        return Document(io.BytesIO(render_word_template("x.docx", ours, CONTEXT))).paragraphs[0].text

    assert text() == "我们的 标题"
    settings.WORD_TEMPLATES = str(folder)
    with pytest.raises(WordTemplateError, match="WORD_TEMPLATES"):
        text()
    folder.mkdir()
    assert text() == "我们的 标题"
    saved(folder / "x.docx", "办公室的 {{ title }}")
    assert text() == "办公室的 标题"
    (folder / "x.docx").write_bytes(b"")
    with pytest.raises(WordTemplateError, match=r"x[.]docx"):
        text()


@pytest.mark.long
def test_every_template_is_in_the_manual_of_the_office():
    """Who adds a template and forgets its fields fails here."""
    root = Path(settings.BASE_DIR)
    ours = {path.relative_to(root).as_posix() for path in sources("*_template.docx")}
    assert len(ours) > 4
    manual = (root / "docs/word-templates.md").read_text(encoding="utf-8")
    assert not [path for path in ours if f"| `{Path(path).name}` | `{path}` |" not in manual]


@pytest.mark.parametrize(
    ("template", "font"), [(word.TEMPLATE, "仿宋_GB2312"), (form_export.TEMPLATE, "宋体")], ids=["report", "form"]
)
def test_our_templates_name_nobody_and_have_east_asian_fonts(template, font):
    document = Document(str(template))
    assert document.core_properties.author == document.core_properties.last_modified_by == ""
    normal = document.styles["Normal"].element.xml
    assert f'w:eastAsia="{font}"' in normal and "asciiTheme" not in normal
