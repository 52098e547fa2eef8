"""Questions and answers as files: one JSON file per question, named by its hash.

{"prompt": version, "messages": […], "response_format": {…}, "answer": null, "usage": {…}}. `answer` is the content that
a model returned, or the JSON object itself; null where nobody has answered yet. A folder of such files can be answered
by any means and replayed without a network.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from matching.reader import prompt
from matching.reader.answers import answer_schema
from matching.reader.client import Reply, token_count
from matching.reader.errors import Fault, ReaderError
from matching.reader.questions import Question


class Answerer(Protocol):
    """Whatever answers questions. `answer` raises ReaderError; it is called from several threads."""

    def answer(self, question: Question) -> Reply: ...


class RecordingAnswerer:
    """Writes each question, and the answer of `inner` if there is one. An answer that a file already has is kept."""

    def __init__(self, folder: Path, inner: Answerer | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._inner = folder, inner

    def answer(self, question: Question) -> Reply:
        path = self._folder / f"{question.hash}.json"
        if self._inner is None:
            if not path.exists():
                path.write_text(_as_text(question, None), encoding="utf-8")
            raise ReaderError(Fault.NOT_RECORDED)
        reply = self._inner.answer(question)
        path.write_text(_as_text(question, reply), encoding="utf-8")
        return reply


class ReplayingAnswerer:
    """Answers from the files of a folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FileNotFoundError(f"没有文件夹 {folder}")
        self._folder = folder

    def answer(self, question: Question) -> Reply:
        try:
            stored = json.loads((self._folder / f"{question.hash}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise ReaderError(Fault.NOT_RECORDED) from None
        answer = stored.get("answer") if isinstance(stored, dict) else None
        if answer is None:
            raise ReaderError(Fault.NOT_RECORDED)
        usage = stored.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Reply(
            answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False),
            token_count(usage.get("prompt_tokens")),
            token_count(usage.get("completion_tokens")),
            _number(usage.get("seconds")),
        )


class FunctionAnswerer:
    """Answers with the result of a function of the question: for tests and for played models."""

    def __init__(self, function: Callable[[Question], str]) -> None:
        self._function = function

    def answer(self, question: Question) -> Reply:
        return Reply(self._function(question))


def _as_text(question: Question, reply: Reply | None) -> str:
    stored: dict[str, Any] = {
        "prompt": prompt.version(),
        "messages": question.messages,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "grades", "schema": answer_schema(question)},
        },
        "answer": reply.content if reply else None,
    }
    if reply:
        stored["usage"] = {
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "seconds": round(reply.seconds, 3),
        }
    return json.dumps(stored, ensure_ascii=False, indent=1)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6 else 0.0
