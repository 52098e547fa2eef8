"""Marks by which a text says of itself that it is a state secret. Such an item must not be stored here at all.

科技成果登记办法 (2000) art. 2 leaves secret results to other rules. The words alone are no mark, for 技术秘密 and
秘密共享 are ordinary terms: only the forms of 国家秘密标志, a named 密级 and a cell of nothing else count.
"""

import re

_LEVEL = r"(?:绝\s*密|机\s*密|秘\s*密)"
_MARK = re.compile(
    rf"{_LEVEL}\s*[★☆]"  # 机密★10 年
    rf"|(?:密级|保密级别)\s*[:：为是]?\s*[“\"【（(]?{_LEVEL}"
    rf"|[（(【\[]\s*{_LEVEL}级?\s*[）)】\]]"
    rf"|{_LEVEL}级(?!别)"
    rf"|^\s*{_LEVEL}\s*$"
)


def secret_mark(text: str) -> str:
    """The first such mark in `text` as it stands there, or an empty string."""
    found = _MARK.search(text)
    return found[0] if found else ""
