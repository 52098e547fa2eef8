"""Choices that are ticked in a printed form: "□小试 ☑中试", "小试□ 中试√", "小试（√） 中试（ ）"."""

import re

from achievements.intake.reading import Reading, Status, refuse
from sheets.cells import RawCell

TICKED_KEYS = frozenset(
    {
        "category",
        "form",
        "attribute",
        "industry",
        "standing",
        "evaluation",
        "stage",
        "maturity_scale",
        "transfer_ways",
        "willingness",
        "pay_later",
        "contact_consents",
        "non_secret",
        "secrecy",
    }
)
_BRACKETS = re.compile(r"[（(\[【]\s*([√✓✔vV对是■☑×xX]?)\s*[)）\]】]")
_YES = "☑☒✓✔√■●◉▣"
_NO = "□☐○◯▢"
_BOX = re.compile(f"[{_YES}{_NO}]")


def has_boxes(raw: RawCell) -> bool:
    """Whether the cell has boxes to tick: an empty one, or two of any kind."""
    if not isinstance(raw, str) or len(raw) > 400:
        return False
    marks = _BOX.findall(_as_boxes(raw))
    return bool(marks) and (len(marks) > 1 or any(mark in _NO for mark in marks)) and len(raw.strip()) > len(marks)


def ticked(raw: str) -> list[str]:
    """The texts whose box is ticked."""
    text = _as_boxes(raw).strip()
    parts = [part.strip(" ,，、;；/\n\t") for part in _BOX.split(text)]
    marks = _BOX.findall(text)
    texts = parts[1:] if _BOX.match(text) else parts[:-1]  # the box stands before or behind its text
    return [part for part, mark in zip(texts, marks, strict=False) if mark in _YES and part]


def _as_boxes(text: str) -> str:
    def box(match: re.Match[str]) -> str:
        return "□" if match[1] in {"", "×", "x", "X"} else "☑"

    return _BRACKETS.sub(box, text)


def of_ticks(reading: Reading, chosen: list[str]) -> Reading:
    """The reading of the ticked texts, as a proposal at most."""
    if not chosen:
        return refuse("方框都没有打勾，请写明选的是哪一项", "no-tick")
    if reading.status != Status.READ:
        return reading
    message = f"按打勾的“{'、'.join(chosen)[:60]}”记录"
    return Reading(Status.PROPOSED, reading.value, message, "ticks", extra=reading.extra)
