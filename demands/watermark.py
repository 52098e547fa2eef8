"""PDF copies that carry the reader's name on each page.

The mark uses a Chinese font that PDF predefines (STSong-Light with the encoding UniGB-UTF16-H, ISO 32000-1 §9.7.5.2),
which viewers replace by their own: no font has to be installed here, and none is embedded.
"""

import io
import math

from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
)

MAX_PAGES = 200
MAX_PIXELS = 40_000_000
ANGLE = math.radians(30)
FONT_SIZE, LINE_GAP, OPACITY = 13, 150, 0.35
_DAMAGED = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError)


def pdf_of_upload(content: bytes, kind: str, name: str) -> tuple[bytes, int]:
    """Return (PDF, number of pages) of an uploaded PDF, PNG or JPG.

    `kind` is the detected type. The PDF is written anew without scripts, attachments, forms and metadata. Raises
    ValidationError for other types, files with a password or damage, and too many pages or pixels.
    """
    if kind in ("png", "jpg"):
        content = _pdf_of_image(content, name)
    elif kind != "pdf":
        raise ValidationError("“%(name)s”请另存为 PDF 后再上传：附件要逐页加上查看人的水印。" % {"name": name})
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise ValidationError("“%(name)s”设有密码，请取消密码后再上传。" % {"name": name})
        pages = len(reader.pages)
        if not 0 < pages <= MAX_PAGES:
            raise ValidationError(
                "“%(name)s”有 %(pages)d 页，请拆成每份 1 至 %(most)d 页。"
                % {"name": name, "pages": pages, "most": MAX_PAGES}
            )
        writer = PdfWriter()
        for page in reader.pages:
            page.pop("/Annots", None)
            page.pop("/AA", None)
            writer.add_page(page)
        writer.metadata = None
        return _written(writer), pages
    except _DAMAGED as error:
        raise ValidationError("“%(name)s”打不开，请“打印为 PDF”后再上传。" % {"name": name}) from error


def watermarked_pdf(content: bytes, mark: str) -> bytes:
    """A copy of a stored PDF with `mark` across each page and in the metadata."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    font = writer._add_object(_predefined_font())
    for page in writer.pages:
        box = page.mediabox
        stream = DecodedStreamObject()
        stream.set_data(_mark_operators(mark, float(box.left), float(box.bottom), float(box.right), float(box.top)))
        _append(page, writer._add_object(stream), font, writer)
    writer.add_metadata({"/Title": mark, "/Subject": mark})
    return _written(writer)


def _append(page, stream, font, writer: PdfWriter) -> None:
    """Add a content stream to a page after its own, whose graphics state it does not inherit."""
    resources = page.get("/Resources", DictionaryObject()).get_object()
    # A copy: pages may share their resources.
    resources = DictionaryObject(resources)
    fonts = DictionaryObject(resources.get("/Font", DictionaryObject()).get_object())
    fonts[NameObject("/ReaderMark")] = font
    states = DictionaryObject(resources.get("/ExtGState", DictionaryObject()).get_object())
    states[NameObject("/ReaderMark")] = DictionaryObject({NameObject("/ca"): FloatObject(OPACITY)})
    resources[NameObject("/Font")], resources[NameObject("/ExtGState")] = fonts, states
    page[NameObject("/Resources")] = resources
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(b"\nQ\n")
    own = page.get("/Contents")
    own = [] if own is None else own.get_object() if isinstance(own.get_object(), ArrayObject) else [own]
    page[NameObject("/Contents")] = ArrayObject(
        [writer._add_object(before), *own, writer._add_object(after), stream],
    )


def _predefined_font() -> DictionaryObject:
    name = NameObject
    info = DictionaryObject(
        {
            name("/Registry"): ByteStringObject(b"Adobe"),
            name("/Ordering"): ByteStringObject(b"GB1"),
            name("/Supplement"): NumberObject(2),
        }
    )
    descendant = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/CIDFontType0"),
            name("/BaseFont"): name("/STSong-Light"),
            name("/CIDSystemInfo"): info,
            name("/DW"): NumberObject(1000),
            name("/W"): ArrayObject(map(NumberObject, (1, 95, 500))),  # Latin letters and digits
            name("/FontDescriptor"): DictionaryObject(
                {
                    name("/Type"): name("/FontDescriptor"),
                    name("/FontName"): name("/STSong-Light"),
                    name("/Flags"): NumberObject(6),
                    name("/FontBBox"): ArrayObject(map(NumberObject, (-25, -254, 1000, 880))),
                    name("/ItalicAngle"): NumberObject(0),
                    name("/Ascent"): NumberObject(880),
                    name("/Descent"): NumberObject(-120),
                    name("/CapHeight"): NumberObject(880),
                    name("/StemV"): NumberObject(93),
                }
            ),
        }
    )
    return DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type0"),
            name("/BaseFont"): name("/STSong-Light-UniGB-UTF16-H"),
            name("/Encoding"): name("/UniGB-UTF16-H"),
            name("/DescendantFonts"): ArrayObject([descendant]),
        }
    )


def _mark_operators(mark: str, left: float, bottom: float, right: float, top: float) -> bytes:
    """Operators that draw the mark in slanted lines over the page."""
    encoded = mark.encode("utf-16-be").hex().upper()
    cos, sin = math.cos(ANGLE), math.sin(ANGLE)
    lines = ["q", "/ReaderMark gs", "0.3 0.3 0.3 rg", "BT", f"/ReaderMark {FONT_SIZE} Tf"]
    height = top - bottom
    step = max(LINE_GAP, height / 40)
    width = FONT_SIZE * (len(mark) + 4)
    y = bottom - (right - left) * math.tan(ANGLE)
    while y < top:
        x = left + 10
        while x < right:
            lines.append(f"{cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {x:.1f} {y + (x - left) * math.tan(ANGLE):.1f} Tm")
            lines.append(f"<{encoded}> Tj")
            x += width * cos
        y += step
    return "\n".join([*lines, "ET", "Q"]).encode("ascii")


def _pdf_of_image(content: bytes, name: str) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValidationError("“%(name)s”太大，请把图片缩小后再上传。" % {"name": name})
            target = io.BytesIO()
            image.convert("RGB").save(target, "PDF", resolution=150)
            return target.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError("“%(name)s”打不开，请重新导出图片后再上传。" % {"name": name}) from error


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
