"""Statements of a document about fields of an achievement."""

from dataclasses import dataclass

from .lines import Line

MAX_QUOTATION = 300


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement: `text` for the field `key`, from `quotation` at page, number.

    note: why somebody should look at it closely, a Chinese sentence; then it is a proposal.
    """

    key: str
    text: str
    quotation: str
    page: int
    number: int
    note: str = ""


def candidate(key: str, text: str, lines: list[Line], *, note: str = "") -> Candidate:
    """With the lines that say it, in the order of the document."""
    quotation = " ".join(line.text for line in lines)
    if len(quotation) > MAX_QUOTATION:
        quotation = quotation[: MAX_QUOTATION - 1] + "…"
    return Candidate(key, text.strip(), quotation, lines[0].page, lines[0].number, note)
