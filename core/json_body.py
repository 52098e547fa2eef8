"""JSON bodies of requests that scripts of pages send. Their values may be anything: each reader checks the type."""

import json

from django.core.exceptions import BadRequest
from django.http import HttpRequest

MAX_LIST_TEXT_LENGTH = 40


class JsonBody(dict):
    """A JSON object. Each reader returns a value of its type, or the empty value of the type for anything else."""

    def text(self, name: str, max_length: int = 1000) -> str:
        value = self.get(name)
        return value.replace("\x00", "")[:max_length] if isinstance(value, str) else ""

    def text_list(self, name: str) -> list[str]:
        """Texts of 1–40 characters, in their order, without duplicates; other elements are left out."""
        value = self.get(name)
        elements = value if isinstance(value, list) else []
        texts = [text for text in elements if isinstance(text, str) and 0 < len(text) <= MAX_LIST_TEXT_LENGTH]
        return list(dict.fromkeys(text.replace("\x00", "") for text in texts))

    def number_by_text(self, name: str) -> dict[str, int]:
        """An object of numbers, each as `number` accepts it; other members are left out."""
        value = self.get(name)
        members = value.items() if isinstance(value, dict) else []
        return {
            text.replace("\x00", ""): number
            for text, number in members
            if 0 < len(text) <= MAX_LIST_TEXT_LENGTH and _is_number(number)
        }

    def number(self, name: str) -> int | None:
        """An integer that fits a PostgreSQL `integer` column and is not negative, else None."""
        value = self.get(name)
        return value if _is_number(value) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def read_json_body(request: HttpRequest) -> JsonBody:
    """Parse the body of a request. Raises BadRequest for anything but a JSON object."""
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(body, dict):
        raise BadRequest
    return JsonBody(body)
