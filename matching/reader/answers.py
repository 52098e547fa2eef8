"""Answers: the JSON schema that a model is asked for, and the check of what it said.

Nothing of an answer is trusted. A statement counts only if its quotation stands in one of the two texts; an achievement
that is not answered as asked has no grade.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from matching.engine.tokeniser import normalise
from matching.reader.embedded_orders import is_order
from matching.reader.questions import Question, Text

GRADES = (0, 1, 2, 3)
WORTH_SENDING = 2
"""Least grade of an achievement that is worth sending to the firm."""
KINDS = ("fits", "missing", "excludes")
MAX_STATEMENTS, MAX_STATEMENT = 5, 120
"""Statements kept of a list; characters kept of a statement."""
MIN_QUOTATION, MAX_QUOTATION = 4, 300
"""Characters of a quotation without blanks."""


class Problem(StrEnum):
    """Why an answer, or what it says about one achievement, does not count."""

    NOT_JSON = "not_json"
    """No JSON, JSON with prose around it, or cut off."""
    NOT_THE_SCHEMA = "not_the_schema"
    UNKNOWN_ID = "unknown_id"
    REPEATED_ID = "repeated_id"
    MISSING_ID = "missing_id"
    NO_GRADE = "no_grade"
    """The grade is no whole number from 0 to 3."""
    UNSUPPORTED = "unsupported"
    """Grade 2 or 3 without a valid statement of what fits."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`kind`: fits, missing or excludes; `source`: need, achievement or both, where the quotation stands."""

    kind: str
    text: str
    quotation: str
    source: str


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What the reader said about one pair. `void`: number of statements whose quotation does not stand."""

    grade: int
    statements: tuple[Statement, ...] = ()
    void: int = 0

    def of_kind(self, kind: str) -> tuple[Statement, ...]:
        return tuple(statement for statement in self.statements if statement.kind == kind)

    def as_json(self) -> dict[str, Any]:
        return {
            "grade": self.grade,
            "void": self.void,
            "statements": [[s.kind, s.text, s.quotation, s.source] for s in self.statements],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PairAnswer":
        statements = tuple(Statement(*map(str, parts)) for parts in stored["statements"])
        return cls(int(stored["grade"]), statements, int(stored["void"]))


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """`answers`: by identifier, those that count; `problems`: number of each; `void`: void statements of all."""

    answers: Mapping[str, PairAnswer] = field(default_factory=dict)
    problems: Counter[Problem] = field(default_factory=Counter)
    void: int = 0
    statements: int = 0


def answer_schema(question: Question) -> dict[str, Any]:
    """The JSON schema of an answer. Only keywords that all servers with structured output know."""
    statement = object_schema({"text": {"type": "string"}, "quotation": {"type": "string"}})
    lists = {kind: {"type": "array", "items": statement} for kind in KINDS}
    achievement = object_schema(
        {"id": {"type": "string", "enum": list(question.ids)}, "grade": {"type": "integer", "enum": list(GRADES)}}
        | lists
    )
    return object_schema({"achievements": {"type": "array", "items": achievement}})


def check_answer(question: Question, content: str) -> CheckedAnswer:
    """Check the text that a model returned. Never raises."""
    rows = listed_rows(content, "achievements")
    if isinstance(rows, Problem):
        return CheckedAnswer(problems=Counter([rows]))
    problems: Counter[Problem] = Counter()
    text_of = dict(zip(question.ids, question.candidates, strict=True))
    named = Counter(name for row in rows if isinstance(name := _id(row), str))
    answers: dict[str, PairAnswer] = {}
    void = statements = 0
    for row in rows:
        name = _id(row)
        if name not in text_of:
            problems[Problem.UNKNOWN_ID if isinstance(name, str) else Problem.NOT_THE_SCHEMA] += 1
            continue
        checked, own_void, own_statements = _check_row(row, question.need, text_of[name])
        void, statements = void + own_void, statements + own_statements
        if named[name] > 1:  # two answers to one question: neither counts
            problems[Problem.REPEATED_ID] += 1
        elif isinstance(checked, Problem):
            problems[checked] += 1
        else:
            answers[name] = checked
    problems[Problem.MISSING_ID] += len(text_of.keys() - named.keys())
    return CheckedAnswer(answers, +problems, void, statements)


def stands_in(quotation: str, text: str) -> bool:
    """Whether a quotation stands in a text literally, except for width, case, script and blanks."""
    wanted = folded(quotation)
    return MIN_QUOTATION <= len(wanted) <= MAX_QUOTATION and wanted in folded(text)


def listed_rows(content: str, name: str) -> list[Any] | Problem:
    """The list of this name in the JSON object that a model returned, or why there is none."""
    try:
        data = json.loads(_without_frame(content))
    except (json.JSONDecodeError, RecursionError, ValueError):
        return Problem.NOT_JSON
    rows = data.get(name) if isinstance(data, dict) else None
    return rows if isinstance(rows, list) else Problem.NOT_THE_SCHEMA


def _without_frame(content: str) -> str:
    """Remove what models that reason or write Markdown put around JSON. Other prose makes the answer invalid."""
    content = re.sub(r"\A\s*<think>.*?</think>", "", content, flags=re.DOTALL).strip()
    fenced = re.fullmatch(r"```(?:json)?\s*\n(.*)\n\s*```", content, flags=re.DOTALL)
    return fenced.group(1) if fenced else content


def _id(row: Any) -> Any:
    name = row.get("id") if isinstance(row, dict) else None
    return name if isinstance(name, str) else None


def _check_row(row: dict[str, Any], need: Text, achievement: Text) -> tuple[PairAnswer | Problem, int, int]:
    """Return the answer or its problem, the number of void statements, and the number of all statements."""
    statements: list[Statement] = []
    void = total = 0
    for kind in KINDS:
        listed = row.get(kind, [])
        if not isinstance(listed, list):
            return Problem.NOT_THE_SCHEMA, void, total
        for item in listed[:MAX_STATEMENTS]:
            total += 1
            statement = _statement(kind, item, need, achievement)
            if statement is None:
                void += 1
            else:
                statements.append(statement)
    grade = row.get("grade")
    if not isinstance(grade, int) or isinstance(grade, bool) or grade not in GRADES:
        return Problem.NO_GRADE, void, total
    if grade >= WORTH_SENDING and not any(statement.kind == "fits" for statement in statements):
        return Problem.UNSUPPORTED, void, total
    return PairAnswer(grade, tuple(statements), void), void, total


def _statement(kind: str, item: Any, need: Text, achievement: Text) -> Statement | None:
    """Return the statement, or None if it is void: not of the schema, or not covered by a literal quotation."""
    if not isinstance(item, dict):
        return None
    text, quotation = item.get("text"), item.get("quotation")
    if not isinstance(text, str) or not isinstance(quotation, str):
        return None
    text, quotation = one_line(text)[:MAX_STATEMENT], one_line(quotation)
    stands = [name for name, of in (("need", need), ("achievement", achievement)) if stands_in(quotation, of.quotable)]
    if not text or not stands or is_order(quotation) or is_order(text):
        return None
    return Statement(kind, text, quotation, stands[0] if len(stands) == 1 else "both")


def one_line(text: str) -> str:
    """Blanks collapsed; control, direction and invisible characters and lone surrogates removed."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join("".join(kept).split())


def folded(text: str) -> str:
    """A text as quotations are compared."""
    return "".join(c for c in normalise(text) if not c.isspace() and unicodedata.category(c) != "Cf")


def object_schema(properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
