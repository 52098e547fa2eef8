"""Questions: one need and several achievements, as data of one user message."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matching.reader import prompt

CANDIDATES_PER_QUESTION = 5
MAX_TITLE, MAX_NEED_TEXT, MAX_ACHIEVEMENT_TEXT = 200, 3000, 1500
"""Characters that are sent of each text."""
CUT = "……（后文略）"


@dataclass(frozen=True, slots=True)
class Text:
    """What is sent of one side, masked and cut. Build it with `need_text` or `achievement_text`."""

    title: str
    text: str

    @property
    def quotable(self) -> str:
        """Everything that may be quoted."""
        return f"{self.title}\n{self.text.removesuffix(CUT)}"


def need_text(title: str, text: str) -> Text:
    return Text(_cut(title, MAX_TITLE), _cut(text, MAX_NEED_TEXT))


def achievement_text(title: str, text: str) -> Text:
    return Text(_cut(title, MAX_TITLE), _cut(text, MAX_ACHIEVEMENT_TEXT))


@dataclass(frozen=True, slots=True)
class Question:
    """One request: a need and its candidates by the identifiers A1, A2, … that are valid in this question only."""

    need: Text
    candidates: tuple[Text, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(f"A{number}" for number in range(1, len(self.candidates) + 1))

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the instructions and all texts. The same for every model."""
        return _hash([prompt.version(), _fields(self.need), [_fields(text) for text in self.candidates]])

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of a chat completion. The user message is one JSON object, so that no text can end it early."""
        data = {
            "need": _as_data(self.need),
            "achievements": [
                {"id": name} | _as_data(text) for name, text in zip(self.ids, self.candidates, strict=True)
            ],
        }
        return [
            {"role": "system", "content": prompt.instructions()},
            {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
        ]


def split_into_questions(
    need: Text, candidates: Sequence[Text], size: int = CANDIDATES_PER_QUESTION
) -> Iterable[tuple[Question, range]]:
    """Yield questions of at most `size` candidates, each with the positions of its candidates."""
    for start in range(0, len(candidates), size):
        positions = range(start, min(start + size, len(candidates)))
        yield Question(need, tuple(candidates[place] for place in positions)), positions


def pair_key(model: str, need: Text, candidate: Text) -> str:
    """SHA-256 (hex) of the model, the instructions and both texts: the key of a stored answer."""
    return _hash([model, prompt.version(), _fields(need), _fields(candidate)])


def _as_data(text: Text) -> dict[str, str]:
    return {"title": text.title, "text": text.text}


def _fields(text: Text) -> list[str]:
    return [text.title, text.text]


def _cut(text: str, longest: int) -> str:
    """Lone surrogates, which JSON cannot carry as UTF-8, are replaced too."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= longest else text[:longest] + CUT


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
