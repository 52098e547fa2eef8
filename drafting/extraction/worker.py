"""Turns the bytes of a document into lines, in a process of its own with limits of time and memory.

A file may be made to take hours or gigabytes; then only that process ends. It is started as
`python -m drafting.extraction.worker KIND`, reads the file from standard input and writes JSON to standard output.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from .errors import UnreadableDocument
from .lines import Document, from_json, to_json

ROOT = Path(__file__).resolve().parents[2]
SECONDS, OCR_SECONDS = 60, 300
MAX_MEMORY, OCR_MEMORY = 1024**3, 4 * 1024**3
_ENVIRONMENT = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "VIRTUAL_ENV"})
"""What the process knows of the environment: no passwords."""
TOO_LONG = "读这份文件用的时间太长，没有读完。请只保留有内容的几页，重新“打印为 PDF”后再上传。"


def extract(content: bytes, kind: str) -> Document:
    """The document. `kind`: pdf, docx, or ocr for a scanned PDF. Raises UnreadableDocument."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "drafting.extraction.worker", kind],
            input=content,
            capture_output=True,
            timeout=OCR_SECONDS if kind == "ocr" else SECONDS,
            cwd=ROOT,
            env={name: value for name, value in (os.environ | {}).items() if name in _ENVIRONMENT},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableDocument(TOO_LONG) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise UnreadableDocument("读这份文件需要的内存太多，没有读完。请重新“打印为 PDF”后再上传。") from None
    if "error" in answer:
        raise UnreadableDocument(answer["error"])
    return from_json(answer)


def read(content: bytes, kind: str) -> Document:
    """Without a process of its own. Raises UnreadableDocument."""
    if kind == "docx":
        from .docx import read_docx

        return read_docx(content)
    if kind == "ocr":
        from .ocr import read_scan

        return read_scan(content)
    from .pdf import read_pdf

    return read_pdf(content)


def _limit(kind: str) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        memory, seconds = (OCR_MEMORY, OCR_SECONDS) if kind == "ocr" else (MAX_MEMORY, SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def main() -> None:
    kind = sys.argv[1]
    _limit(kind)
    try:
        answer = to_json(read(sys.stdin.buffer.read(), kind))
    except UnreadableDocument as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
