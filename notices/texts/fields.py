"""Placeholders in braces. A line whose placeholders are all empty is left out."""

import re
from collections.abc import Mapping

FIELD = re.compile(r"\{([^{}\n]{1,20})\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace the placeholders. A value is never read as a placeholder again."""
    lines = []
    for line in text.splitlines():
        names = [name for name in FIELD.findall(line) if name in values]
        if names and not any(values[name] for name in names):
            continue
        lines.append(FIELD.sub(lambda match: values.get(match[1], match[0]), line))
    return "\n".join(lines)
