"""Telephone numbers and mail addresses as people write them."""

import re
import unicodedata

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, normalize_text

_MOBILE = re.compile(r"(?<!\d)(?:\+?86|0086)?[- ]?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(?:\(?(0\d{2,3})\)?[- 转]*)?([2-9]\d{2,3})[- ]?(\d{4})"
    r"(?:\s*(?:-|转|ext\.?|分机|x)\s*:?(\d{1,6}))?(?!\d)"
)


def phone_numbers(text: str, context: CellContext) -> tuple[str, str]:
    """("13800000000；0411-84700000-12", remark) of all numbers in `text`; ("", why) if a group of digits is none."""
    text = re.sub(r"[‐-―−－]", "-", unicodedata.normalize("NFKC", text)).casefold()
    numbers: list[str] = []
    lacks_area, last_area = False, ""

    def mobile(match: re.Match[str]) -> str:
        numbers.append("".join(match.groups()))
        return " "

    def landline(match: re.Match[str]) -> str:
        nonlocal lacks_area, last_area
        area, first, last, extension = match.groups()
        lacks_area = lacks_area or not area
        area = last_area = area or last_area or (context.sheet.area_code if context.sheet else "")
        numbers.append("-".join(filter(None, [area, first + last, extension])))
        return " "

    rest = _LANDLINE.sub(landline, _MOBILE.sub(mobile, text))
    if re.search(r"\d{5,}|\d{3,}[- ]\d{3,}", rest):
        return "", "有一组数字不是电话号码，请核对位数"
    remark = "没有区号，按本市区号补上" if lacks_area else ""
    return "；".join(dict.fromkeys(numbers[:3])), remark


def read_phone(value: RawCell, context: CellContext) -> Reading:
    if isinstance(value, Formula):
        return refuse("是公式，没有保存结果，请改为电话号码")
    text = normalize_text(value)
    if re.search(r"[*＊]{2,}", text):
        return refuse("号码被隐去了，请填完整的号码", "masked")
    try:
        strict = context.parse(value)
    except CellProblem as problem:
        phone, remark = phone_numbers(text, context)
        if not phone:
            return refuse(remark if remark and re.search(r"\d{5,}", text) else str(problem), "unreadable")
        name = re.sub(
            r"(?:联系)?(?:电话|手机|办公室?|传真|微信|同号|号码?|转|分机|ext|tel|手|办|宅)",
            " ",
            re.sub(r"[^\u4e00-\u9fff]", " ", text),
        )
        name = "".join(name.split()) if len(name.split()) == 1 else ""
        extra = {"contact_name": name} if 2 <= len(name) <= 4 else {}
        note = "姓名移到“联系人”" if extra else ""
        pattern = "area-code" if remark else "phone"
        return propose(phone, "；".join(filter(None, [remark, note])) or "只留电话号码", pattern, extra=extra)
    if re.fullmatch(r"[2-9]\d{6,7}(?:-\d+)?", strict):
        phone, remark = phone_numbers(strict, context)
        if context.sheet and context.sheet.area_code and phone:
            return propose(phone, remark, "area-code")
        return ask(strict, "没有区号，请补上，如 010-84700000", "area-code")
    if re.search(r"[；;、,/]\s*[2-9]\d{6,7}(?!\d)", strict):  # 0411-84700000/84700001
        phone, remark = phone_numbers(text, context)
        return propose(phone, remark, "area-code") if phone else ask(strict, "第二个号码没有区号，请补上", "area-code")
    return read(strict)


def read_email(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = normalize_text(value).casefold().replace("mailto:", "")
        text = re.sub(r"\s*(?:\(at\)|\[at\]|#|\bat\b|＠)\s*", "@", text)
        text = re.sub(r"\s*(?:\(dot\)|\[dot\]|。)\s*", ".", text)
        addresses = re.findall(
            r"[a-z0-9._%+'-]+@(?:[a-z0-9-]+\.)+[a-z]{2,24}",
            re.sub(r"@\s+", "@", text.replace(",com", ".com").replace(",cn", ".cn")),
        )
        if not addresses:
            return refuse(str(problem), "unreadable")
        rest = "，其余的不记录" if len(set(addresses)) > 1 else ""
        return propose(addresses[0], f"按“{addresses[0]}”记录{rest}", "email")
