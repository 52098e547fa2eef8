"""The wording in use: the city's latest version of a text, else the built-in one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from notices.models import CityText
from notices.texts.declared import SentText, WrittenText, text_of_key
from notices.texts.fields import fill

__all__ = [
    *("TextWriter", "Wording", "WrittenText", "wording_of", "wordings", "wordings_read_once"),
    *("write_sentence", "write_text"),
]
_read_before: ContextVar[dict[str, "Wording"] | None] = ContextVar("wordings read before", default=None)


@dataclass(frozen=True)
class Wording:
    """Parts of a text with placeholders. `is_citys`: the city has written it."""

    subject: str
    body: str
    line: str
    is_citys: bool = False


def wording_of(key: str, at: datetime | None = None) -> Wording:
    """One query. `at`: the wording that was in use then, for what was sent at that time and is shown again."""
    versions = CityText.objects.filter(key=key)
    if at is not None:
        versions = versions.filter(made_at__lte=at)
    return _wording(text_of_key(key), versions.order_by("-number").first())


def wordings(prefix: str = "") -> dict[str, Wording]:
    """The wordings of all texts that the city has changed and whose key begins so. One query."""
    latest = CityText.objects.filter(key__startswith=prefix).order_by("key", "-number").distinct("key")
    return {row.key: _wording(text_of_key(row.key), row) for row in latest if not row.is_reset}


def _wording(text: SentText, row: CityText | None) -> Wording:
    if row is None or row.is_reset:
        return Wording(text.subject, text.body, text.line)
    return Wording(row.subject or text.subject, row.body, row.line or text.line, is_citys=True)


class TextWriter:
    """Writes one text for any number of recipients; reads its wording once."""

    def __init__(self, key: str, wording: Wording | None = None) -> None:
        self.text = text_of_key(key)
        self.wording = wording or _wording_now(key)

    def write(self, values: Mapping[str, str]) -> WrittenText:
        subject = " ".join(fill(self.wording.subject, values).split())  # a header is one line, whatever a value holds
        body = self.text.with_ending(fill(self.wording.body, values))
        return WrittenText(subject, body, " ".join(fill(self.wording.line, values).split()))

    def sentence(self, values: Mapping[str, str]) -> str:
        """Of a text of one sentence (`Use.NOTICE`)."""
        return " ".join(fill(self.wording.body, values).split())


@contextmanager
def wordings_read_once() -> Iterator[None]:
    """Within the block each wording is read once. For many steps in one transaction that changes no wording."""
    token = _read_before.set({})
    try:
        yield
    finally:
        _read_before.reset(token)


def _wording_now(key: str) -> Wording:
    before = _read_before.get()
    if before is None:
        return wording_of(key)
    if key not in before:
        before[key] = wording_of(key)
    return before[key]


def write_text(key: str, values: Mapping[str, str]) -> WrittenText:
    return TextWriter(key).write(values)


def write_sentence(key: str, values: Mapping[str, str]) -> str:
    return TextWriter(key).sentence(values)
