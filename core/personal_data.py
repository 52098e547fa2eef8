"""Find personal data and ways to reach somebody in a text, also where they are disguised. Pure: no Django models.

A find has a kind, a span in the text as written, and a proposal with what to put in its place. Disguises that are read:
full-width, circled and Chinese digits, blanks, dashes and inserted characters, "at" and "dot" written as words.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from django.conf import settings

from sheets.credit_code import is_valid_credit_code


class Kind(StrEnum):
    IDENTITY = "identity"
    BANK_CARD = "bank_card"
    CREDIT_CODE = "credit_code"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    CHAT = "chat"
    URL = "url"
    ADDRESS = "address"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Kind.IDENTITY: "身份证号",
    Kind.BANK_CARD: "银行账号",
    Kind.CREDIT_CODE: "统一社会信用代码",
    Kind.MOBILE: "手机号",
    Kind.LANDLINE: "电话号码",
    Kind.EMAIL: "邮箱",
    Kind.CHAT: "微信、QQ 等账号",
    Kind.URL: "网址",
    Kind.ADDRESS: "地址",
}
PERSONAL = frozenset({Kind.IDENTITY, Kind.BANK_CARD, Kind.MOBILE, Kind.LANDLINE, Kind.EMAIL, Kind.CHAT})
"""What no public text may contain."""
SECRET = frozenset({Kind.IDENTITY, Kind.BANK_CARD})
"""What no setting permits in a public text."""
REACHABLE = frozenset(Kind)
"""What an anonymous text should not contain: each of these leads to the firm or to a person."""


@dataclass(frozen=True)
class Find:
    """`text[start:end]` is `excerpt`; `replacement` stands for it (empty: leave it out)."""

    kind: Kind
    start: int
    end: int
    excerpt: str
    replacement: str = ""

    @property
    def proposal(self) -> str:
        return f"改成“{self.replacement}”" if self.replacement else "删去"


def find_personal_data(text: str, kinds: Collection[Kind] = PERSONAL) -> list[Find]:
    """The finds of these kinds, left to right, without overlap. Any text is accepted."""
    if not text:
        return []
    finds: list[Find] = []
    taken: set[int] = set()
    for kind, spans in _spans(text):
        for start, end in spans:
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                if kind in kinds:
                    replacement = settings.CITY.name if kind == Kind.ADDRESS else ""
                    finds.append(Find(kind, start, end, text[start:end], replacement))
    return sorted(finds, key=lambda find: find.start)


def replace_finds(text: str, finds: Iterable[Find]) -> str:
    """The text with each find replaced by its proposal."""
    for find in sorted(finds, key=lambda find: -find.start):
        text = text[: find.start] + find.replacement + text[find.end :]
    return text


def mask_identity_numbers(text: str) -> str:
    """The text with the digits of each valid identity number after the sixth replaced by *. Fast on long pages."""
    return _IDENTITY_SHOWN.sub(lambda match: _masked(match.group()), text)


def is_identity_number(code: str) -> bool:
    """Whether `code` is an 18-character identity number (GB 11643) with a possible birthday and its check character."""
    return bool(_IDENTITY_18.fullmatch(code)) and _is_birthday(code[6:14]) and _identity_check(code) == code[17].upper()


# --- Views of a text -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _View:
    """A folded text, and for each of its characters the index in the original."""

    text: str
    places: tuple[int, ...]

    def spans(self, pattern: re.Pattern[str], accepts: Callable[[re.Match[str]], bool] = bool) -> Iterator[tuple]:
        for match in pattern.finditer(self.text):
            if accepts(match):
                yield self.places[match.start()], self.places[match.end() - 1] + 1


_NUMERALS = str.maketrans("〇零一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖○Ｏ", "00122345678911234567890" + "0")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－ー~～", "-"))


@lru_cache(maxsize=32)
def _view(text: str) -> _View:
    """`text` in NFKC and lower case, without invisible and combining characters, all dashes as "-"."""
    folded = [_folded(character) for character in text]
    places = (place for place, characters in enumerate(folded) for _character in characters)
    return _View("".join(folded), tuple(places))


@lru_cache(maxsize=16_384)  # texts repeat few characters, and to fold one takes long
def _folded(character: str) -> str:
    """What stands for a character in a view: none, one or several characters."""
    kept = []
    for folded in unicodedata.normalize("NFKC", character).lower():
        category = unicodedata.category(folded)
        if category in {"Mn", "Me", "Cf"} or (category == "Cc" and folded not in "\n\t\r"):
            continue
        if category == "Nd" and not folded.isascii():
            folded = str(unicodedata.digit(folded))
        kept.append(folded)
    return "".join(kept).translate(_DASHES)


# --- Patterns --------------------------------------------------------------------------------------------------------
_GAP = r"[^\S\n]{0,2}[-._·•*/|()]?[^\S\n]{0,2}"
"""Between the groups of a number: blanks and one separator."""
_EACH = r"[^0-9a-z\u3400-\u9fff]{1,3}"
"""Between single digits: up to three characters that are neither letters nor digits."""
_START = r"(?<![0-9a-z.])"
_END = r"(?![0-9]|[a-z](?![a-z])|\.[0-9])"
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_IDENTITY_18 = re.compile(rf"{_PROVINCE}\d{{4}}(?:18|19|20)\d{{9}}[\dxX]")
_IDENTITY_SHOWN = re.compile(
    r"(?<![0-9A-Za-z])[1-8１-８]\d{5}[ -]?(?:[12１２]\d{3})[ -]?\d{4}[ -]?\d{3}[\dXxＸｘ](?![0-9A-Za-z])"
)
"""As pages show it; `is_identity_number` decides."""


def _joined(count: int, last: str = r"\d", gap: str = r"[^0-9a-z\u3400-\u9fff\n]{0,2}") -> str:
    return rf"\d(?:{gap}\d){{{count - 2}}}{gap}{last}"


_IDENTITY_LONG = re.compile(rf"(?<![0-9a-z])(?:{_joined(18, '[0-9x]')})(?![0-9a-z])")
_IDENTITY_SHORT = re.compile(rf"(?<![0-9a-z.])({_PROVINCE}\d{{4}})(\d{{6}})\d{{3}}(?![0-9a-z.])")
_IDENTITY_CUED = re.compile(
    r"(?:身份证(?:号码?)?|证件号码?|公民身份号码)[^0-9a-z]{0,6}(\d[\dx\s-]{13,22}[\dx])(?![0-9a-z])"
    r"|(?:护照|通行证)(?:号码?)?[^0-9a-z]{0,4}([a-z]{1,2}\d{7,8})(?![0-9a-z])"
)
_CARD = re.compile(
    r"(?<![0-9a-z.])(?:\d{16,19}|\d{4}(?:[\s-]{1,2}\d{4}){3}(?:[\s-]{1,2}\d{1,3})?|\d{6}\s\d{10,13})(?![0-9a-z.])"
)
_ACCOUNT = re.compile(r"(?:银行卡|卡号|账号|帐号|账户|帐户|开户行)[^0-9a-z\n]{0,12}(\d[\d\s-]{10,26}\d)(?![0-9a-z])")
_CREDIT = re.compile(r"(?<![0-9a-z])[0-9a-z](?:[\s-]{0,2}[0-9a-z]){17}(?![0-9a-z])")
_COUNTRY = rf"(?:\(?\+?\(?0{{0,2}}86\)?{_GAP})?"
_MOBILE_GROUPS = re.compile(
    rf"{_START}{_COUNTRY}1[3-9]\d"
    rf"(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{8}}|{_GAP}\d{{3}}{_GAP}\d{{5}}|{_GAP}\d{{2}}(?:{_GAP}\d{{2}}){{3}}"
    rf"|\d{{2}}{_GAP}\d{{6}}|\d{_GAP}\d{{3}}{_GAP}\d{{4}}|\d{_GAP}\d{{4}}{_GAP}\d{{3}}|\d{{3}}{_GAP}\d{{5}})(?!{_GAP}\d){_END}"
)
_MOBILE_SPREAD = re.compile(rf"{_START}1{_EACH}[3-9](?:{_EACH}\d){{9}}(?![0-9])")
_MOBILE_INSERTED = re.compile(
    rf"{_START}1[3-9]\d([a-z\u3400-\u9fff\u2600-\u27bf\U0001f000-\U0001faff#*]{{1,2}})\d{{4}}\1\d{{4}}(?![0-9])"
    r"|(?<![0-9a-z])1([a-z\u3400-\u9fff])[3-9](?:\2\d){9}(?![0-9])"
)
_MOBILE_MIXED = re.compile(r"(?<![0-9])1[3-9]\d{9}(?![0-9])")
_LANDLINE = re.compile(
    rf"(?<![0-9a-z./-])(?:\(?\+?86\)?{_GAP})?\(?0(?:10|2\d|[3-9]\d\d)\)?{_GAP}[2-8]\d{{2,3}}{_GAP}\d{{4}}"
    rf"(?:\s?(?:-|转|ext\.?)\s?\d{{1,5}})?{_END}"
    rf"|(?<![0-9a-z./])[48]00{_GAP}\d{{3}}{_GAP}\d{{4}}{_END}"
    rf"|(?:电话|手机|热线|座机|传真|致电|来电|拨打|tel|fax|phone)(?:号码?)?\s*[:为是]?\s*\(?[2-9]\d{{2,3}}{_GAP}\d{{4}}{_END}"
)
_TLD = (
    r"(?:com|cn|net|org|edu|gov|io|co|cc|top|vip|xyz|me|tech|info|biz|online|site|asia|mobi|pro|club|shop|hk|tw|jp|de)"
)
_DOT = r"(?:\s?\.\s?|\s?[\[({【]?\s?(?:dot|点|。)\s?[\])}】]?\s?)"
_AT = r"(?:\s?@\s?|\s?[\[({【<]\s?(?:at|@|艾特)\s?[\])}】>]\s?|\s+at\s+|\s?艾特\s?|\s?#\s?|\s?\(a\)\s?)"
_EMAIL = re.compile(
    rf"(?<![a-z0-9])[a-z0-9](?:[a-z0-9._%+-]{{0,40}}[a-z0-9_])?{_AT}[a-z0-9](?:[a-z0-9-]{{0,40}}[a-z0-9])?"
    rf"(?:{_DOT}[a-z0-9-]{{2,30}}){{0,2}}{_DOT}{_TLD}(?![a-z0-9])"
    rf"|(?<![a-z0-9])[1-9]\d{{4,11}}{_AT}qq(?![a-z0-9])"
)
_URL = re.compile(
    r"(?:https?|ftp|hxxps?)\s?:\s?/\s?/\s?[a-z0-9._~:/?#@!$&'*+=%\[\]-]+"
    rf"|(?<![a-z0-9@])www{_DOT}[a-z0-9-]{{2,40}}(?:{_DOT}[a-z0-9-]{{2,30}}){{0,2}}(?:/[\w./?=&%-]*)?"
    rf"|(?<![a-z0-9@./-])(?!(?:asp|ado|vb)\.net)(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{{0,40}}[a-z0-9])?"
    rf"(?:\s?\.\s?|\s?[\[({{【]?(?:dot|点|。)[\])}}】]?\s?)"
    rf"(?:com|cn|net|org)(?:\.cn)?(?![a-z0-9-])(?:/[\w./?=&%-]*)?"
)
_CHAT_CUE = (
    r"(?:微\s?信|薇\s?信|威\s?信|维\s?信|微心|v\s?信|微❤|wechat|weixin|wei\s?xin|we\s?chat|(?<![a-z0-9])[vw]\s?[-.+]?\s?x(?![a-z])"
    r"|加\s?微|加\s?[v薇威](?![a-z])|\+\s?[v薇威](?![a-z])|q\s?q|扣\s?扣|抠\s?抠|叩\s?叩|企\s?鹅|(?<![a-z])q\s?号|秋秋"
    r"|钉\s?钉|抖音|快手|微博|telegram|whatsapp|飞书|小红书|line\s?id)"
)
_CHAT = re.compile(
    rf"{_CHAT_CUE}\s?(?:号码?|群号?|同号|账号|帐号|id|服务号|客服|联系)?\s?[:=为是加搜→>-]{{0,3}}\s?(?:我|本人)?\s?[:]?\s?"
    r"(?:[a-z](?:[a-z0-9_-]{5,19})(?![a-z0-9])|[1-9](?:[\s-]?\d){4,11}(?![0-9a-z.%]))"
    r"|(?:公众号|小程序|视频号)\s?[:“\"「《]\s?[^\s，。；、]{2,20}"
)
_NOT_STREETS = "电油气水回管线支通光磁短开旁链网铁公思技道套出进岔油涡流"
_NUMBER = r"[甲乙丙]?[0-9a-z十百千]{1,6}(?:[-之][0-9]+)?"
_ADDRESS = re.compile(
    rf"(?:[\u4e00-\u9fff]{{1,7}}[省市区县镇乡])?[\u4e00-\u9fff]{{1,6}}(?<![{_NOT_STREETS}])(?:路|街|大街|大道|巷|胡同)"
    rf"(?:[东西南北中]?段)?\s?{_NUMBER}\s?[-]?\s?(?:号|弄|栋)(?:院|楼)?(?:[\u4e00-\u9fff0-9a-z-]{{0,12}}(?:楼|室|层|座|栋|院|单元))?"
    rf"|[\u4e00-\u9fff]{{0,8}}(?:大厦|广场|写字楼|创业园|科技园|产业园|软件园|孵化器|大楼)\s?(?:[a-z东西南北主副]?\s?{_NUMBER}?\s?(?:座|栋|号楼|楼|层|室|单元))+"
    r"|(?:地址|住所|厂址|注册地|所在地|坐落于?|位于)\s?[:为是]?\s?[\u4e00-\u9fff]{1,20}(?:区|县|市|镇|乡|街道|村|园区|路|街)[\u4e00-\u9fff0-9a-z-]{0,20}?(?:号|村|园|楼|室|组)"
)


def _spans(text: str) -> Iterator[tuple[Kind, Iterator[tuple[int, int]]]]:
    """What each pattern matches, the kinds in the order in which they claim a place."""
    plain = _view(text)
    numbers = _View(plain.text.translate(_NUMERALS), plain.places)  # Chinese digits are 0-9 too
    yield Kind.EMAIL, plain.spans(_EMAIL)
    yield Kind.URL, plain.spans(_URL)
    yield Kind.CREDIT_CODE, plain.spans(_CREDIT, _is_credit_code)
    yield Kind.IDENTITY, numbers.spans(_IDENTITY_LONG, lambda match: is_identity_number(_squeezed(match.group())))
    yield Kind.IDENTITY, numbers.spans(_IDENTITY_CUED, _is_cued_identity)
    yield Kind.IDENTITY, plain.spans(_IDENTITY_SHORT, lambda match: _is_birthday("19" + match.group(2)))
    yield Kind.BANK_CARD, plain.spans(_ACCOUNT)
    yield Kind.BANK_CARD, plain.spans(_CARD, lambda match: is_bank_card(_squeezed(match.group())))
    yield Kind.LANDLINE, numbers.spans(_LANDLINE)
    for pattern in (_MOBILE_GROUPS, _MOBILE_SPREAD, _MOBILE_INSERTED, _MOBILE_MIXED):
        # A round number of 11 digits counts something.
        yield Kind.MOBILE, numbers.spans(pattern, lambda match: not _squeezed(match.group()).endswith("000000"))
    yield Kind.CHAT, numbers.spans(_CHAT)
    yield Kind.ADDRESS, numbers.spans(_ADDRESS)


# --- Checks ----------------------------------------------------------------------------------------------------------
def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "", text)


def _is_credit_code(match: re.Match[str]) -> bool:
    return is_valid_credit_code(_squeezed(match.group()).upper())


def _is_cued_identity(match: re.Match[str]) -> bool:
    """With the word in front, a number with a wrong check character is one too."""
    return match.group(2) is not None or len(_squeezed(match.group(1))) in (15, 18)


def _is_birthday(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return day.year >= 1900 and day.year <= 2100


def _identity_check(code: str) -> str:
    """GB 11643: weights 2^(17-i) modulo 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(code[:17]))
    return "10X98765432"[total % 11]


def is_bank_card(digits: str) -> bool:
    """Whether 16-19 digits have the issuer prefix of a payment card in China and the Luhn check digit."""
    if not re.fullmatch(r"(?:62|60|4\d|5[1-5]|35|81|9[5-9])\d{14,17}", digits):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _masked(excerpt: str) -> str:
    """The excerpt with all digits after the sixth as *, if it is an identity number."""
    code = re.sub(r"[ -]", "", unicodedata.normalize("NFKC", excerpt))
    if not is_identity_number(code):
        return excerpt
    hidden = re.sub(r"[\dXxＸｘ]", "*", excerpt)
    return excerpt[:6] + hidden[6:]
