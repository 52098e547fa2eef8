"""Find markings of state secrets in texts. Achievements with such a marking must not be stored.

科技成果登记办法 (2000) art. 2 excludes secret results from the registry. The word alone is not a marking, because
技术秘密 and 秘密共享 are ordinary terms. Recognised are: the forms of 国家秘密标志, a stated 密级, and a text that
consists of a level only.
"""

import re

_LEVEL = r"(?:绝\s*密|机\s*密|秘\s*密)"
_MARKING = re.compile(
    rf"{_LEVEL}\s*[★☆]"  # 机密★10 年
    rf"|(?:密级|保密级别)\s*[:：为是]?\s*[“\"【（(]?{_LEVEL}"
    rf"|[（(【\[]\s*{_LEVEL}级?\s*[）)】\]]"
    rf"|{_LEVEL}级(?!别)"
    rf"|^\s*{_LEVEL}\s*$"
)


def find_secrecy_marking(text: str) -> str:
    """Return the first secrecy marking as written in `text`, or an empty string."""
    match = _MARKING.search(text)
    return match[0] if match else ""
