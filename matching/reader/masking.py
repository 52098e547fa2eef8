"""Masks contacts in free text: telephone numbers, mail and postal addresses, accounts, names of contact persons.

The name of the firm is masked by `demands.masking`. Length-preserving folding makes full-width digits and letters equal
to ASCII, so that a number cannot hide in them.
"""

import re
from collections.abc import Iterable

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2014: "-", 0x2013: "-", 0x2212: "-"}
_SEPARATOR = r"[-\s.·]{0,2}"
_PATTERNS = (
    ("〔网址〕", r"(?:https?://|www\.)[a-z0-9._~:/?#@!$&'*+=%-]+"),
    ("〔邮箱〕", r"[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
    ("〔证件号〕", r"(?<![0-9a-z])(?:\d{17}[\dx]|[0-9a-z]{2}\d{6}[0-9a-z]{10})(?![0-9a-z])"),
    ("〔电话〕", rf"(?<!\d)(?:\(?\+?\(?86\)?{_SEPARATOR})?1[3-9]\d{_SEPARATOR}\d{{4}}{_SEPARATOR}\d{{4}}(?!\d)"),
    ("〔电话〕", rf"(?<!\d)[48]00{_SEPARATOR}\d{{3,4}}{_SEPARATOR}\d{{3,4}}(?!\d)"),
    (
        "〔电话〕",
        rf"(?<![\d.])\(?0\d{{2,3}}\)?{_SEPARATOR}[2-9]\d{{2,3}}{_SEPARATOR}\d{{4}}(?:(?:-|转)\d{{1,5}})?(?!\d)",
    ),
    ("〔电话〕", r"(?:电话|手机|传真|热线|座机|tel|fax|phone)(?:号码?)?\s*[:为是]?\s*[\d()+][\d\s()+转-]{5,}\d"),
    ("〔账号〕", r"(?:微信|企鹅|qq|wechat)(?:号|群|公众号)?\s*[:为是]?\s*[a-z0-9][a-z0-9_-]{4,}"),
    ("〔联系人〕", r"(?:联系人|联络人|对接人|联系方式)\s*[:为是]\s*[\u4e00-\u9fff·]{2,4}(?:先生|女士|经理|主任|工)?"),
    ("〔联系人〕", r"(?:负责人|经办人|法人代表|法定代表人|总经理|董事长)\s*:\s*[\u4e00-\u9fff·]{2,4}"),
    ("〔地址〕", r"(?:地址|住所|厂址|注册地|所在地)\s*[:为是]\s*[^\s，,。；;]{3,60}"),
    (
        "〔地址〕",
        r"(?:[\u4e00-\u9fff]{1,7}(?:省|市|区|县|镇|乡|街道)){0,3}[\u4e00-\u9fff]{1,8}"
        r"(?<![电油气水回管线支通光磁短开旁链网])(?:路|街|大街|大道|巷|胡同)(?:[东西南北中]?段)?\s*"
        r"[甲乙丙]?\d{1,5}(?:-\d+)?\s*号(?:[\u4e00-\u9fff0-9a-z]{0,12}(?:楼|室|层|座|栋|院))?",
    ),
)
_COMPILED = tuple((mark, re.compile(pattern)) for mark, pattern in _PATTERNS)


def mask_contacts(text: str, known: Iterable[str] = ()) -> str:
    """Return the text with contacts replaced by 〔电话〕, 〔邮箱〕, 〔地址〕, …

    `known`: names, numbers and addresses of the side's own contacts, replaced wherever they stand.
    """
    values = sorted({value.strip() for value in known if len(value.strip()) >= 2}, key=len, reverse=True)
    folded = _folded(text)
    for mark, pattern in (*(("〔联系人〕", re.compile(re.escape(_folded(value)))) for value in values), *_COMPILED):
        replaced = _replace(text, folded, pattern, mark)
        if replaced is not text:
            text, folded = replaced, _folded(replaced)
    return text


def _replace(text: str, folded: str, pattern: re.Pattern[str], mark: str) -> str:
    """The text itself where nothing in `folded`, its folding, matches."""
    parts, at = [], 0
    for match in pattern.finditer(folded):
        parts += [text[at : match.start()], mark]
        at = match.end()
    return "".join([*parts, text[at:]]) if parts else text


def _folded(text: str) -> str:
    """The same number of characters, in ASCII and lower case where possible."""
    translated = text.translate(_FOLD)
    lowered = translated.lower()
    # `lower` of a whole text depends on what stands beside a capital sigma, and makes two characters of some.
    if len(lowered) == len(text) and "Σ" not in translated:
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in translated)
