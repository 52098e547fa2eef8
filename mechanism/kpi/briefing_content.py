"""What a briefing consists of: sections of paragraphs, whose pieces are texts with an optional address."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Piece:
    """A piece of a paragraph; `url` is the path of the rows behind a number, empty for plain text."""

    text: str
    url: str = ""


type Paragraph = list[Piece]


@dataclass(frozen=True)
class BriefingSection:
    """`title` with its number: "一、总体进展"."""

    title: str
    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Briefing:
    """title: "科技成果转化工作周报". subtitle: the period. data_date: when the rows were read. day: of the text."""

    title: str
    subtitle: str
    data_date: str
    day: str
    sections: list[BriefingSection]
    notes: list[str] = field(default_factory=list)


def joined(texts: Iterable[Paragraph], separator: str = "，") -> Paragraph:
    """One paragraph of several, with the separator between them."""
    pieces: Paragraph = []
    for text in texts:
        pieces += [Piece(separator), *text] if pieces else text
    return pieces
