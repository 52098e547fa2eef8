"""What a browser fetches for each public page, as transferred: `python -m benchmarks.page_weights`.

A table in KB: the page, its styles, scripts (with the modules that they import) and pictures; text after gzip, pictures
as they are. The limits are those of the tests (`tests/portal/test_public_pages.py`).
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.registry import fill_achievements

LIMITS = {"home": 120_000, "list": 60_000, "detail": 120_000}
"""Bytes for the first visit, with nothing in the browser's memory."""
LINK = re.compile(r"<(link|script|img|source)\b([^>]*)>")
ATTRIBUTE = re.compile(r'\b(rel|src|href)="([^"]*)"')
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload"}
IMPORT = re.compile(r'\b(?:from|import)\s*\(?"(\.{1,2}/[^"]+\.js)"')
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".ico")


@dataclass
class Weight:
    """Bytes of a page by kind: page, style, script, picture."""

    parts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.parts.values())


def weigh(client: Any, path: str) -> Weight:
    """The page and everything that it loads by itself. Raises RuntimeError if something is missing."""
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    # As a kept copy, the answer is compressed already.
    body = answer.content
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(answer.content)
    weight = Weight({"page": _compressed(body)})
    for address in dict.fromkeys(_loaded(body.decode())):
        content = _fetched(client, address)
        kind = "picture" if address.endswith((*PICTURES, ".svg")) else "script" if address.endswith(".js") else "style"
        if not address.startswith("/static/"):
            kind = "picture"
        size = len(content) if kind == "picture" and not address.endswith(".svg") else _compressed(content)
        weight.parts[kind] = weight.parts.get(kind, 0) + size
    return weight


def _loaded(html: str) -> Iterator[str]:
    """Addresses that a browser fetches without being asked; pictures that come lazily, too."""
    for tag, text in LINK.findall(html):
        attributes = dict(ATTRIBUTE.findall(text))
        if tag == "link" and not LOADED_LINKS & set(attributes.get("rel", "").split()):
            continue
        address = unescape(attributes.get("src") or attributes.get("href") or "").partition("?")[0]
        if address.startswith("/"):
            yield address
            if address.endswith(".js"):
                yield from _modules(address)


def _modules(address: str) -> Iterator[str]:
    content = _static(address).decode()
    for relative in IMPORT.findall(content):
        inner = "/" + str((Path(address).parent / relative).as_posix()).lstrip("/")
        inner = re.sub(r"[^/]+/\.\./", "", inner.replace("/./", "/"))
        yield inner
        yield from _modules(inner)


def _fetched(client: Any, address: str) -> bytes:
    if address.startswith("/static/"):
        return _static(address)
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _static(address: str) -> bytes:
    from django.contrib.staticfiles import finders

    place = finders.find(address.removeprefix("/static/"))
    if place is None:
        raise RuntimeError(f"{address} does not exist")
    return Path(place).read_bytes()


def _compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def main() -> None:
    with environment.database():
        fill_achievements(200)
        from django.test import Client

        from achievements.models import Achievement

        first = Achievement.objects.published().first()
        if first is None:
            raise RuntimeError("no achievement")
        pages = [
            ("home", "/"),
            ("list", "/achievements/"),
            ("list", "/demands/"),
            ("list", "/institutions/"),
            ("list", "/challenges/"),
            ("list", "/agencies/brokers/"),
            ("detail", f"/achievements/{first.public_id}/"),
            ("detail", f"/institutions/{first.institution.public_id}/"),
            ("detail", "/open-data/"),
        ]
        kinds = ("page", "style", "script", "picture")
        print(f"{'page':36}" + "".join(f"{kind:>9}" for kind in kinds) + f"{'KB':>9}{'limit':>9}")
        for kind, path in pages:
            weight = weigh(Client(), path)
            numbers = [weight.parts.get(part, 0) for part in kinds]
            shown = "".join(f"{number / 1000:9.1f}" for number in [*numbers, weight.total, LIMITS[kind]])
            print(f"{path:36}{shown}")


if __name__ == "__main__":
    main()
