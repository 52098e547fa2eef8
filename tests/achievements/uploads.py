"""Content of valid, invalid and malicious uploads."""

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xdc\xccY\xe7\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x43\x00"
    + b"\x08" * 64
    + b"\xff\xd9"
)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


def office(main: str = "word/document.xml", **extra: bytes) -> bytes:
    """A small Office file. `extra`: names of further parts (with __ for /) and their content."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<document/>")
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


DOCX = office()
XLSX = office("xl/workbook.xml")
PPTX = office("ppt/presentation.xml")
MACRO = office(**{"word__vbaProject.bin": b"\xd0\xcf\x11\xe0"})
BOMB = office(**{"word__media__x": b"\x00" * 30_000_000})
