"""Amounts of money as people write them. Values are `sheets.money.Money` in 万元."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, normalize_text
from sheets.money import Money
from sheets.numerals import NUMERAL_RUN, chinese_number

_VARIANTS = str.maketrans({"萬": "万", "億": "亿", "圓": "元", "圆": "元", "块": "元", "．": ".", "，": ",", "﹣": "-"})
_FREE = re.compile(r"(?:免费|无偿|零元|零费用|不收费|零门槛费)(?:许可|使用|转让|开放许可|提供|试用)?")
_TALK = re.compile(
    r"(?:价格|费用|具体|可以?|电话|双方|具体价格|最终)*(?:面议|面谈|可谈|可议|详谈|详议|电议|议价|商谈|洽谈|商定|协商(?:确定|定价|解决|而定)?|商议|另议|再议|再谈|待定|待议|未定|暂未定价|暂不报价"
    r"|一事一议|(?:电话|来电|来人)?咨询|来电|一企一策|(?:根据|视|按|依)[^,;。0-9]{0,12}(?:而定|确定|定价|情况|定)|(?:按|以)?(?:市场价|评估价|评估值|评估为准)(?:格|为准)?)"
)
_BOUNDS = (
    (re.compile(r"[或及含](?=以[上下内])"), ""),
    (re.compile(r"^(?:低于|少于|不足|不到)(?=[\d一二两三四五六七八九十百千])"), "不超过"),
    (re.compile(r"^(?:高于|多于)(?=[\d一二两三四五六七八九十百千])"), "不低于"),
    (re.compile(r"(?<![\d一二两三四五六七八九十百千])(?=[百千]万)"), "1"),
    (re.compile(r"(?<=[\d万亿元])\s*[~—–-]+$"), "以上"),
    (  # 三到五百万: the unit of the second number is meant for both
        re.compile(
            r"(?<![\d.一二两三四五六七八九十百千万])([\d一二两三四五六七八九])(到|至|-|~|—)([\d一二两三四五六七八九])([十百千])(?=[万亿])"
        ),
        r"\1\4万\2\3\4",
    ),
)
_VAGUE = re.compile(
    r"几|数(?=[十百千万亿])|若干|上(?=[百千万亿])"
    r"|(?:^|[^\d一二两三四五六七八九十百千零])[百千][二三四五六七八九]十?(?=万|亿|元|$)"  # 百八十万
    r"|(?:^|[^\d点一二三四五六七八九])(?:百万|千万|亿元?)级"
)
_ODD_MORE = re.compile(r"(?<=[\d十百千万])(?:多|余)(?=万|亿|元|$)|(?<=[万亿元])(?:多|余)$")
_ABOUT = re.compile(r"(?<=[\d十百千])来(?=万|亿|元)")
_WORDS = re.compile(
    r"\d{1,2}折|含税|不含税|暂定|拟定?|计划|预估|报价|价格|转让费用?|许可费用?|使用费|费用|入门费|一次性|一口价|之间|范围|区间|约计|共计?|合计|总价|付清|支付|打包|[:：=]"
)
_FLOOR = re.compile(r"起[步始拍]?价|底价|保底")
_BROKEN_GROUPS = re.compile(r"\d[,，\s]+(?!\d{3}(?!\d))\d|\d,\d{3}\s\d")
_YEARLY = re.compile(r"(?:/|每|一)(?:年|a)(?:度)?|/次|/项|/件|年费|/许可")
_PER_PIECE = re.compile(
    r"/(?:吨|台|套|亩|千克|公斤|kg|平米|平方米|㎡|立方米|m3|瓶|片|支|只|辆|t)\b|每(?:吨|台|套|亩|公斤|平米|辆)"
)
_SHARE = re.compile(r"\d+(?:\.\d+)?%|百分之[一二三四五六七八九十]+|提成|分成|分红")
_AMOUNT_WITH_UNIT = re.compile(r"\d+(?:\.\d+)?(?:百万元?|千万元?|万元?|亿元?|千元|元|w)")
_COMPOUND = re.compile(r"(\d+(?:\.\d+)?)个?(亿|万)零?(\d+(?:\.\d+)?)(千万|百万|万|千|百)(元?)")
_SCALE = {"亿": Decimal(10_000), "千万": Decimal(1000), "百万": Decimal(100), "万": Decimal(1)}
_SCALE |= {"千": Decimal("0.1"), "百": Decimal("0.01")}
_UNITS = re.compile(r"[万亿元千百wk]", re.IGNORECASE)
_TOO_LARGE_UNSTATED = Decimal(10_000)
_TOO_LARGE_FOR_SIGN = Decimal(1000)
_TOO_LARGE = Decimal(100_000)
_TOO_SMALL = Decimal("0.1")


def read_price(value: RawCell, context: CellContext) -> Reading:
    if isinstance(value, date):  # 5-10 that a spreadsheet has turned into 5 October
        low, high = sorted((value.month, value.day))
        return ask(
            Money(Decimal(low), Decimal(high)),
            f"被 Excel 当成了日期，原来写的像是“{value.month}-{value.day}”，请核对",
            "price-date",
        )
    if isinstance(value, Formula):
        return refuse("是公式，没有保存结果，请改为数值")
    text = _plain(normalize_text(value))
    if isinstance(value, str) and _BROKEN_GROUPS.search(unicodedata.normalize("NFKC", value)):
        return ask(None, "数字中间有逗号或空格，分不清是一个数还是两个数，请重新填写", "broken-number")
    try:
        money = context.parse(value)
    except CellProblem as problem:
        return _lenient(text, context, str(problem))
    return _suspicious(money, text, context) or read(money)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_VARIANTS).casefold()
    return re.sub(r"\s+", "", text).strip("。.;,:、")


def _lenient(text: str, context: CellContext, problem: str) -> Reading:
    if "不是人民币" in problem:
        return refuse(problem, "foreign")
    if "负数" in problem or re.match(r"[-–]\d", text):
        return refuse(problem, "negative")
    if _FREE.fullmatch(text) or text in {"0元", "0.00元"}:
        return propose(Money(Decimal(0), Decimal(0)), "按 0 元（免费）记录", "free")
    bare, talks = _TALK.subn("", text)
    outside = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】", "", bare)
    bare = outside if re.search(r"[\d一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖]", outside) else bare
    bare = re.sub(r"[()\[\]【】{}]", "", bare).strip(",;:、。.")
    negotiable = bool(talks)
    if negotiable and not re.search(r"[\d一二三四五六七八九十百千万]", bare):
        return propose(Money(None, None, negotiable=True), "按“面议”记录", "negotiable")
    if not _VAGUE.search(bare):
        for pattern, replacement in _BOUNDS:
            bare = pattern.sub(replacement, bare)
    if _PER_PIECE.search(bare):
        return ask(None, "写的是单价，这一栏要整项成果的价格，请填总价或“面议”", "per-piece")
    if _VAGUE.search(bare):
        return ask(None, "写的是大概的数，请填具体金额，或填“面议”", "vague")
    return _amounts(bare, negotiable, context, problem)


def _with_floor(digits: str) -> tuple[str, list[str]]:
    """起价 and 多 say a least amount."""
    if _FLOOR.search(digits):
        return _FLOOR.sub("", digits) + "以上", ["起价按不低于记录"]
    if _ODD_MORE.search(digits):
        return _ODD_MORE.sub("", digits) + "以上", ["“多”“余”按不低于记录"]
    return digits, []


def _amounts(bare: str, negotiable: bool, context: CellContext, problem: str) -> Reading:
    digits, notes = _with_floor(_arabic(_ABOUT.sub("", _WORDS.sub("", bare))))
    if _YEARLY.search(digits):
        digits = _YEARLY.sub("", digits)
        notes.append("写的是按年（次）收费")
    if share := _SHARE.search(digits):
        stated = _AMOUNT_WITH_UNIT.findall(digits[: share.start()]) or _AMOUNT_WITH_UNIT.findall(digits)
        if len(stated) != 1:
            return ask(Money(None, None, negotiable=True), "写的是提成比例，没有总价，是不是“面议”？", "share")
        digits = stated[0]
        notes.append("提成部分不在这一栏里记录")
    digits = _WORDS.sub("", digits)
    digits = re.sub(r"个(?=亿|万)", "", digits).strip("+,;、。.整")
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)k", digits):
        digits = match[1] + "千元"
    digits = re.sub(r"(?<=\d)w(?=元|$)元?", "万", digits)
    money = _parsed(digits, context) or _reversed_range(digits, context) or _only_amount(digits, context)
    if money is None and "超过" in problem and (yuan := _parsed(digits + "元", context)):
        return ask(yuan, "没有写单位，数像是元，按元换算可以吗？", "factor")
    if money is None:
        return refuse(problem, "unreadable")
    if negotiable:
        money = money._replace(negotiable=True)
        notes.append("另记“可面议”")
    if suspicion := _suspicious(money, bare, context):
        return suspicion
    return propose(money, "；".join(["写法已换算", *notes]), "numerals" if not notes else "terms")


def _arabic(text: str) -> str:
    """二百万 as 200万; 3百万 as 300万; 1亿2千万 as 12000万; the rest unchanged."""

    def digits(match: re.Match[str]) -> str:
        number = chinese_number(match[0])
        if number is None:
            return match[0]
        if number >= 10_000 and re.search("[万亿萬億]", match[0]):
            return f"{(number / 10_000).normalize():f}万"
        return f"{number.normalize():f}"

    text = re.sub(r"半个?亿", "5000万", text)
    text = re.sub(r"(?<=[\d一二三四五六七八九])个(?=亿|万)", "", text)
    text = re.sub(r"(\d+(?:\.\d+)?)十万", lambda match: f"{(Decimal(match[1]) * 10).normalize():f}万", text)
    text = _COMPOUND.sub(
        lambda m: f"{(Decimal(m[1]) * _SCALE[m[2]] + Decimal(m[3]) * _SCALE[m[4]]).normalize():f}万{m[5]}", text
    )
    return NUMERAL_RUN.sub(digits, text)


def _parsed(text: str, context: CellContext) -> Money | None:
    try:
        return context.parse(text)
    except CellProblem:
        return None


def _reversed_range(text: str, context: CellContext) -> Money | None:
    parts = re.split(r"--?|~|至|到|—+|–", text)
    if len(parts) != 2 or (_UNITS.search(parts[0]) and not _UNITS.search(parts[1])):
        return None
    if _UNITS.search(parts[1]) and not _UNITS.search(parts[0]) and not re.search("万元?$", parts[1]):
        return None  # "800-1千万": the unit may belong to the second number only
    swapped = _parsed(f"{parts[1]}-{parts[0]}", context)
    return swapped


def _only_amount(text: str, context: CellContext) -> Money | None:
    amounts = _AMOUNT_WITH_UNIT.findall(text)
    if len(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\d+年|\d+%", "", text))) > 1:
        return None
    return _parsed(amounts[0], context) if len(amounts) == 1 else None


def _suspicious(money: Money, text: str, context: CellContext) -> Reading | None:
    """A question about an amount that looks wrong by a factor of 10,000, or is zero."""
    amounts = [amount for amount in (money.min, money.max) if amount is not None]
    if not amounts:
        return None
    states_unit = bool(_UNITS.search(text))
    top, low = max(amounts), min(amounts)
    if top == 0:
        if _FREE.search(text):
            return None
        return ask(
            Money(None, None, negotiable=True),
            "写的是 0：是免费，还是还没有定价（面议）？",
            "zero",
            options=(Money(Decimal(0), Decimal(0)),),
        )
    if not states_unit and context.unit in {"", "万元", "万"} and top >= _TOO_LARGE_UNSTATED:
        yuan = money._replace(min=_in_yuan(money.min), max=_in_yuan(money.max))
        if re.search("[¥￥]|rmb|人民币", text):
            return propose(yuan, "有货币符号、没有写单位，按元换算成万元", "currency-sign")
        return ask(yuan, "没有写单位，数像是元，按元换算可以吗？", "factor", options=(money,))
    if not states_unit and not context.unit and re.search("[¥￥]", text) and top >= _TOO_LARGE_FOR_SIGN:
        yuan = money._replace(min=_in_yuan(money.min), max=_in_yuan(money.max))
        return ask(yuan, "有货币符号、没有写单位，是元吗？", "factor", options=(money,))
    if top >= _TOO_LARGE:
        return ask(money, "金额很大，请核对数和单位", "very-large")
    if low < _TOO_SMALL:
        wan = money._replace(min=_in_wan(money.min), max=_in_wan(money.max))
        return ask(wan, "金额很小，像是以万元计，请核对单位", "factor", options=(money,))
    return None


def _in_yuan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else (amount / 10_000).quantize(Decimal("0.01"))


def _in_wan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount * 10_000
