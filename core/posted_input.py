"""What a script has sent: JSON whose values may be anything at all."""

import json

from django.core.exceptions import BadRequest


class Posted(dict):
    """A JSON object; each reader gives a value of its kind, or the kind's empty one."""

    def text(self, name: str, most: int = 1000) -> str:
        value = self.get(name)
        return value.replace("\x00", "")[:most] if isinstance(value, str) else ""

    def names(self, name: str) -> list[str]:
        """Short texts, without doubles."""
        value = self.get(name)
        found = [one for one in value if isinstance(one, str) and 0 < len(one) <= 40] if isinstance(value, list) else []
        return list(dict.fromkeys(one.replace("\x00", "") for one in found))

    def number(self, name: str) -> int | None:
        value = self.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def posted(request) -> Posted:
    """The body of a request. Raises BadRequest for anything but a JSON object."""
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(body, dict):
        raise BadRequest
    return Posted(body)
