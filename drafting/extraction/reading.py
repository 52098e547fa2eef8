"""What sort of document it is, and what it says."""

from dataclasses import dataclass
from enum import StrEnum

from .candidates import Candidate
from .lines import Document
from .patents import is_patent, read_patent
from .statements import is_certificate, is_form, read_statements


class Sort(StrEnum):
    PATENT = "patent"
    CERTIFICATE = "certificate"
    FORM = "form"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """candidates: at most one for a field, several of intellectual property."""

    sort: Sort
    candidates: tuple[Candidate, ...]


def read_document(document: Document) -> DocumentReading:
    """Nothing is added to what the document says. Any document is accepted."""
    if is_patent(document):
        return DocumentReading(Sort.PATENT, tuple(read_patent(document)))
    sort = Sort.CERTIFICATE if is_certificate(document) else Sort.FORM if is_form(document) else Sort.PROSE
    return DocumentReading(sort, tuple(read_statements(document)))
