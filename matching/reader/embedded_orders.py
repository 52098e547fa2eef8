"""Sentences in a text that give orders to a language model. They are taken out before the text is sent.

Only sentences that speak about the judging itself are recognised: none of the real texts of the measurements has one.
This is one of several layers; a model that obeys an order nevertheless has to quote something that fits.
"""

import re
import unicodedata

REMOVED = "〔已略去一句〕"
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]?")
_ORDERS = re.compile(
    r"(?:忽略|无视|不要?理会|不要?遵守|忘(?:记|掉))[^。；\n]{0,12}(?:以上|上述|之前|前面|先前|所有|全部|一切|系统|原有)?[^。；\n]{0,6}"
    r"(?:要求|指令|指示|提示词?|规则|评分标准|说明)"
    r"|(?:给|打|评|判|记)(?:出|为|我|它|本(?:成果|项目|项))?\s*(?:最高|满)\s*分"
    r"|(?:给|打|评|判|记)(?:出|为|我|它|本(?:成果|项目|项))?\s*[0-3零一二三]\s*分(?!之|钟|数|子|散|步|度|[0-9])"
    r"|(?:grade|score|评分|等级)\s*(?:=|:|必须(?:是|为)|应(?:当)?为|设为|一律为?)\s*[0-3三]"
    r"|(?:作为|你是)(?:一个|一名)?\s*(?:ai|人工智能|大?语言模型|助手|评审(?:员|人|模型))"
    r"|(?:请|必须)(?:只)?(?:输出|返回|回答|回复)[^。；\n]{0,10}(?:json|grade|3\s*分)"
    r"|ignore\s+(?:all\s+|any\s+|the\s+)*(?:previous|above|prior|earlier)"
    r"|disregard\s+(?:all\s+|any\s+|the\s+)*(?:previous|above|prior|instructions)"
    r"|(?:system|developer)\s*(?:prompt|message|:)"
    r"|</?\s*(?:system|user|assistant|need|achievements?)\s*>|<\|[a-z_]+\|>"
)


def is_order(text: str) -> bool:
    """Whether a text gives an order to the reader."""
    return _ORDERS.search(_folded(text)) is not None


def remove_orders(text: str) -> tuple[str, int]:
    """Return the text without sentences that give orders, and their number."""
    if not is_order(text):
        return text, 0
    count = 0

    def kept(sentence: re.Match[str]) -> str:
        nonlocal count
        if not is_order(sentence.group()):
            return sentence.group()
        count += 1
        return REMOVED + ("\n" if sentence.group().endswith("\n") else "")

    cleaned = _SENTENCE.sub(kept, text)
    # An order that runs over the end of a sentence: without a place to cut, the whole text stays away.
    return (REMOVED, count + 1) if is_order(cleaned) else (cleaned, count)


def _folded(text: str) -> str:
    """Width and case do not hide an order, nor do invisible characters."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in folded if unicodedata.category(character) != "Cf")
