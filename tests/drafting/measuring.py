"""What the rules read of a document of the corpus, compared with what stands in it."""

from dataclasses import dataclass, field

from achievements.intake.reading import Status
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from drafting.extraction.lines import Document
from drafting.extraction.pasted import read_pasted
from drafting.extraction.reading import read_document
from drafting.extraction.worker import read
from drafting.field_readings import FieldReading, field_readings
from tests.drafting.making import Case, content_of


@dataclass
class Measured:
    """Fields (document.key: expected → read). silent: wrong and not marked as a proposal, or invented."""

    right: list[str] = field(default_factory=list)
    proposed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.right) + len(self.proposed) + len(self.missed) + len(self.wrong)

    @property
    def share(self) -> float:
        return (len(self.right) + len(self.proposed)) / max(self.total, 1)


def document_of(case: Case) -> Document:
    content = content_of(case)
    return read_pasted(content.decode()) if case.kind == "text" else read(content, case.kind)


def readings_of(document: Document, user) -> dict[str, FieldReading]:
    rows = field_readings(document, read_document(document), achievement_columns(), sheet_context(user))
    return {row.key: row for row in rows}


def measure(cases: list[Case], user) -> Measured:
    measured = Measured()
    for case in cases:
        readings = readings_of(document_of(case), user)
        for key, expected in case.expected.items():
            row = readings.get(key)
            name = f"{case.name}.{key}: {expected!r} → {row and row.text!r} {row and row.status} {row and row.message}"
            if row is None or not row.text:
                measured.missed.append(name)
            elif _folded(row.text) != _folded(expected):
                measured.wrong.append(name)
                if row.status == Status.READ:
                    measured.silent.append(name)
            else:
                (measured.right if row.status == Status.READ else measured.proposed).append(name)
        for key, row in readings.items():
            if row.text and key not in case.expected:
                measured.wrong.append(f"{case.name}.{key}: nothing → {row.text!r}")
                if row.status == Status.READ or key in case.absent:
                    measured.silent.append(measured.wrong[-1])
    return measured


def _folded(text: str) -> str:
    """Blanks inside a line do not matter, new lines do."""
    return "\n".join("".join(line.split()) for line in text.split("\n"))
