"""How docxtpl renders a Word template. Loaded with the first document (`core/word_templates.py`)."""

import io
import logging
import os
import re
from collections.abc import Collection
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from docx.oxml.ns import nsmap
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from lxml.etree import XMLSyntaxError, XPath
from markupsafe import Markup, escape

from core.word_templates import WordTemplateError

log = logging.getLogger(__name__)

MAX_QUOTED = 80
MAX_PROPERTY = 255
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}
_MISPLACED = XPath(
    "//w:tc[not(.//w:p)] | //w:tr[not(.//w:tc)] | //w:tbl[not(.//w:tr)] | //*[self::w:body or self::w:tbl or self::w:tr"
    " or self::w:tc or self::w:p or self::w:r][text()[normalize-space()]]",
    namespaces={"w": nsmap["w"]},
)
"""What Word calls a damaged file: a cell without paragraph, a row without cell, text outside of a run."""


class MisplacedTag(Exception):
    """The rendered XML is not a Word document. `near` is the text before the place."""

    def __init__(self, near: str) -> None:
        super().__init__("the rendered XML is not a Word document")
        self.near = near


def render(
    name: str, default_path: Path, context: dict[str, Any], required: Collection[str | tuple[str, ...]]
) -> bytes:
    """What `core.word_templates.render_word_template` returns."""
    path = _template_path(name, default_path)
    environment = _Environment()
    try:
        template = _Template(io.BytesIO(path.read_bytes()))
        template.init_docx()
    except Exception as problem:  # zipfile, lxml, python-docx and the file system each raise their own
        raise _fault(path, "打不开，请确认它是用 Word 保存的 .docx 文件", problem) from problem
    try:
        template.render(context, environment)
        content = io.BytesIO()
        template.save(content)
    except Exception as problem:  # expressions of a template can raise anything
        raise _fault(path, _fault_text(problem), problem, _faulty_line(problem, environment)) from problem
    wanted = [(each,) if isinstance(each, str) else each for each in required]
    if missing := sorted(names for names in wanted if not environment.used.intersection(names)):
        words = "、".join(" 或 ".join("{{ %s }}" % name for name in names) for names in missing)
        raise _fault(path, f"缺少必须有的字段 {words}")
    return content.getvalue()


class _Environment(ImmutableSandboxedEnvironment):
    """Evaluates tags without access to the inside of Python. One for each rendering: it remembers what it reads."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, finalize=_xml_text, undefined=StrictUndefined)
        del self.filters["safe"]  # no template can make XML of a user's text
        self.source = ""
        self.used: set[str] = set()

    def from_string(self, source: Any, *args: Any, **options: Any) -> Any:
        self.source = source
        self.used |= meta.find_undeclared_variables(self.parse(source))
        return super().from_string(source, *args, **options)


class _Template(DocxTemplate):
    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        """Refuse XML that docxtpl would repair in silence, with loss of text, or that Word would not open."""
        xml = super().render_xml_part(src_xml, part, context, jinja_env)
        try:
            root = parse_xml(xml.encode())
        except XMLSyntaxError as problem:
            column = problem.position[1]
            raise MisplacedTag(_plain(xml[max(0, column - 600) : column + 200])[-MAX_QUOTED:]) from problem
        for wrong in _MISPLACED(root):
            before = wrong.xpath("preceding::text()[normalize-space()]")[-1:]
            raise MisplacedTag("".join(wrong.itertext()).strip()[:MAX_QUOTED] or "".join(before)[-MAX_QUOTED:])
        return xml

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """The title of the document; not the names of those who edited the template. Properties are no XML, so
        docxtpl would escape them twice."""
        properties = self.docx.core_properties
        properties.title = _NOT_XML.sub("", context["title"])[:MAX_PROPERTY]
        properties.author = properties.last_modified_by = properties.comments = ""


def _xml_text(value: object) -> Markup:
    """A value as XML text. Escapes also where a tag turns autoescape off. Braces are escaped because docxtpl turns
    `{_{` into `{{`; characters are removed that XML cannot have or that docxtpl takes for paragraph and page ends."""
    text = str(escape("" if value is None else value)).replace("\r\n", "\n").replace("\r", "\n")
    return Markup(_NOT_XML.sub("", text).translate(_BRACES))  # noqa: S704 (escaped above)


def _template_path(name: str, default_path: Path) -> Path:
    folder = settings.WORD_TEMPLATES
    if not folder:
        return default_path
    # With a misspelt folder, the office's own template would seem to be ignored.
    if not (os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)):
        raise WordTemplateError("配置项 WORD_TEMPLATES 指定的文件夹 %s 不存在或无权读取，请联系系统管理员。" % folder)
    own = Path(folder, name)
    return own if own.exists() else default_path


def _fault(path: Path, text: str, problem: Exception | None = None, near: str = "") -> WordTemplateError:
    """The error with all that is known. The log goes without `near`, which can hold what users wrote."""
    log.warning("Word template %s: %s (%s)", path, text, type(problem).__name__)
    where = f"，在“{near}”附近" if near else ""
    return WordTemplateError("Word 模板 %s 有问题：%s%s。请改好模板再试，或联系系统管理员。" % (path.name, text, where))


def _fault_text(problem: Exception) -> str:
    match problem:
        case MisplacedTag():
            return "标签的位置不对（整段、整行、整格的标签要写成 {%p … %}、{%tr … %}、{%tc … %}，单元格里要留一段）"
        case SecurityError():
            return "用了不允许的写法"
        case UndefinedError():
            names = re.findall(r"'([^']*)'", str(problem.message))
            return f"没有“{names[-1]}”这个字段" if names else "没有这个字段"
        case TemplateSyntaxError():
            return "标签写得不对，或没有成对（例如有 for 没有 endfor）"
    return "标签不能计算"


def _faulty_line(problem: Exception, environment: _Environment) -> str:
    """The text of the template's line; docxtpl puts each paragraph on a line of its own."""
    if isinstance(problem, MisplacedTag):
        return problem.near
    line = problem.lineno if isinstance(problem, TemplateSyntaxError) else _traced_line(problem.__traceback__)
    lines = environment.source.splitlines()
    return _plain(lines[line - 1])[:MAX_QUOTED] if 0 < line <= len(lines) else ""


def _traced_line(traceback: TracebackType | None) -> int:
    line = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _plain(xml: str) -> str:
    """The text of a piece of XML, which can begin and end inside of a tag."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"^[^<>]*>|<[^>]*>|<[^>]*$", "", xml))).strip()
