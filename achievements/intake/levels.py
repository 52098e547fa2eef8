"""Levels of maturity, yes and no, secrecy, keywords, texts and evaluations as people write them."""

import re
import unicodedata
from collections.abc import Callable

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from core.confidentiality import find_secrecy_marking
from core.personal_data import PERSONAL, find_personal_data
from core.public_text import MAY_BE_PERSONAL
from sheets.cells import CellProblem, Formula, RawCell, as_text, clean_text, fold, normalize_text
from sheets.numerals import NUMERAL_RUN, chinese_number

_SEE_ANNEX = re.compile(
    r"(?:详|具体|内容|参|请)?(?:情况|内容)?(?:见|参见|参照|参阅|查看)(?:附件|附表|附页|另附|后附|材料|申报书|说明书|文档|word版?|链接|官网|网站|简介|ppt|海报)[\d一二三四五六七八九十]*[.。]*"
    r"|附件[\d一二三四]*|待补充?|略|见上|待完善|暂缺|后补|同题目?|x{2,}|\.{3,}|…+",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,3}[、.．]\s*(?!\d)|[（(]\d{1,3}[)）]\s*|[一二三四五六七八九十]{1,3}、|第\d+项[:：]?)"
)
_YES = re.compile(r"是|可以?|同意|愿意|支持|允许|接受|能|有|yes|ok|√|✓|需要|已确认|确认|承诺|对")
_NO = re.compile(r"不|否|无|未|没|拒绝|暂缓|×")
_SCALE_SIGNS = {"37264": "gbt37264", "22900": "gbt22900_13"}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_OPEN = re.compile(
    r"(?:(?:经|已)?(?:保密)?(?:审查|审核|确认)(?:通过)?[,，]?)?(?:本?(?:成果|项目|内容))?(?:均?不涉及(?:国家秘密|秘密|涉密)?|不涉密|非涉密|非密|不含涉密(?:内容|信息)?|未涉密|无涉密(?:内容|信息|情况)?|不涉及涉密(?:内容|信息)?"
    r"|公开|可(?:以)?公开|完全公开|已确认不涉密|确认不涉密|无密级|不属于涉密|不保密|无需保密|不属于国家秘密|脱密|已脱密|已解密)(?:内容|信息|成果|项目)?"
)
_CONFIRMING = re.compile(r"(?:非|不|未)(?:涉|密)|审查|审核|承诺|确认|通过|公开")
_UNSURE = re.compile(r"待|未审|未确认|不清楚|不确定|审查中|\?")
_INTERNAL = re.compile(r"内部|商业秘密|商密|工作秘密")


def read_level(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        if isinstance(value, Formula):
            return refuse(str(problem))
        text = fold(normalize_text(value))
        pattern = f"word:{text[:40]}"
        scale = next((scale for sign, scale in _SCALE_SIGNS.items() if sign in text), "")
        if scale and (match := re.search(r"(\d{1,2})级?$", re.sub(r"[(（].*?[)）]", "", text))):
            extra = {"maturity_scale": scale}
            return propose(int(match[1]), f"按 {match[1]} 级记录，标准另记", "level-and-scale", extra=extra)
        text = re.sub(r"[(].*?[)]", "", text)
        text = re.sub(r"技术就绪度|技术成熟度|成熟度|就绪度|等级|level|lv\.?|trl|达到|约|目前|处于|自评", "", text)
        text = re.sub(r"^(?:ix|iv|v?i{0,3})$", lambda m: str(_ROMAN.get(m[0], m[0])), text)
        text = NUMERAL_RUN.sub(lambda m: str(n) if (n := chinese_number(m[0])) is not None else m[0], text)
        text = re.sub(r"[第级阶段左右以上:：,，。.]+$|^[第:：\-–_#]+|级(?=[-~至到—/])", "", text).strip("-_ ")
        if match := re.fullmatch(r"(\d{1,2})[-~至到—–、/,，或](\d{1,2})", text):
            return _range(int(match[1]), int(match[2]), pattern, "/" in text)
        if match := re.fullmatch(r"(\d{1,2})(?:\.0+)?(?:级|\+)*", text):
            level = int(match[1])
            return propose(level, f"按 {level} 级记录", pattern) if 1 <= level <= 13 else refuse(str(problem), pattern)
        if match := re.fullmatch(r"(\d)\.\d+", text):
            return ask(int(match[1]), f"等级要整数，是不是 {match[1]} 级？", pattern)
        if match := re.search(r"trl[-_ :]?(\d)(?!\d)", fold(normalize_text(value))):
            return propose(int(match[1]), f"按 {match[1]} 级记录", pattern)
        return refuse(str(problem), pattern)


def _range(first: int, second: int, pattern: str, divided: bool) -> Reading:
    if not 1 <= first <= 13:
        return refuse("等级超出范围，请核对", pattern)
    if divided and second in {9, 13} and first < second - 1:  # "6/9": level 6 of 9
        return propose(first, f"按 {second} 级中的 {first} 级记录", pattern)
    low, high = sorted((first, second))
    if high > 13:
        return refuse("等级超出范围，请核对", pattern)
    return propose(low, f"写的是 {low}–{high} 级，取较低的 {low} 级", pattern)


def read_yes_no(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        if isinstance(value, Formula):
            return refuse(str(problem))
        text = fold(normalize_text(value))
        pattern = f"word:{text[:40]}"
        if re.search("协商|面议|商量|视情况|待定|可谈", text):
            return ask(None, "看不出是或否，请选择", pattern, options=(True, False))
        if _NO.search(text) and not re.match(r"没问题|无异议|无条件|无意见|不反对", text):
            return propose(False, "按“否”记录", pattern)
        if _YES.search(text) or re.match(r"没问题|无异议|无条件|无意见|不反对|ok", text):
            return propose(True, "按“是”记录", pattern)
        return refuse(str(problem), pattern)


def read_non_secret(value: RawCell, context: CellContext) -> Reading:
    """非涉密确认: True, or refused. Under the header 是否涉密 the answer 否 is the confirmation."""
    text = fold(as_text(value)) if not isinstance(value, Formula) else ""
    pattern = f"word:{text[:40]}"
    header = fold(context.header)
    inverted = bool(re.search(r"涉密|保密|秘密|涉及", header)) and not _CONFIRMING.search(header)
    if not text:
        return refuse("没有写明，请填“是”表示确认不涉密")
    if _UNSURE.search(text):
        return refuse("还没有确认不涉密，确认以后再填“是”", "unconfirmed")
    if _INTERNAL.search(text):
        return refuse("写着“内部”“商业秘密”，不能公开的成果不能录入，请核对", "unconfirmed")
    if _OPEN.fullmatch(text.strip("。.!！")):
        return read(True)
    word = inverted_word(text) if inverted else text
    try:
        confirmed = context.parse(word)
    except CellProblem:
        return _unclear_secrecy(text, inverted, pattern)
    if not confirmed:
        return refuse("没有确认不涉密，涉密成果不能录入本平台", "secret")
    return read(True, message="列名问的是“是否涉密”，“否”就是确认不涉密" if inverted else "")


def _unclear_secrecy(text: str, inverted: bool, pattern: str) -> Reading:
    if re.fullmatch(r"(?:已|审查|审核|保密审查)?通过", text):
        return propose(True, "按“确认不涉密”记录", pattern)
    if re.search(r"不?涉密|秘密|机密|绝密", text) and not re.match("不|非|未|无", text):
        return refuse("写着涉密，涉密成果不能录入本平台", "secret")
    if re.match(r"(?:不|非|未|无).{0,4}(?:涉密|秘密|密)", text):
        return propose(True, "按“确认不涉密”记录", pattern)
    if _YES.match(text) and not inverted and not _NO.search(text.replace("不涉密", "")):
        return propose(True, "按“确认不涉密”记录", pattern)
    return refuse("看不出是否确认不涉密，请填“是”", pattern)


def inverted_word(text: str) -> str:
    """The opposite answer for the header 是否涉密."""
    if text in {"否", "不是", "无", "没有", "n", "no", "不", "0", "×", "false"}:
        return "是"
    return "否" if text in {"是", "有", "y", "yes", "√", "1", "true"} else text


def read_secrecy(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = fold(as_text(value)).strip("。.")
        if _OPEN.fullmatch(text) or text in {"普通", "一般", "无"}:
            return propose("公开", "按“公开”记录", f"word:{text[:40]}")
        return refuse(str(problem), "secret")


def text_reader(
    *, required: bool = False, title: bool = False, has_personal_check: bool = True
) -> Callable[..., Reading]:
    """Reader of free text. Personal data and secrecy markings are refused; 详见附件 is no content."""

    def reader(value: RawCell, context: CellContext) -> Reading:
        try:
            text = context.parse(value)
        except CellProblem as problem:
            return refuse(str(problem), "length" if "字" in str(problem) else "unreadable")
        if marking := find_secrecy_marking(text):
            return refuse(f"写着“{marking.strip()}”，涉密成果不能录入本平台", "secret")
        if _SEE_ANNEX.fullmatch(fold(text)):
            if required:
                return refuse("没有实际内容，请把内容写在表里", "see-annex")
            return propose("", "没有实际内容，留空", "see-annex")
        if has_personal_check and (kinds := personal_kinds(text)):
            return refuse(f"公开的内容里有{'、'.join(kinds)}，请删去；联系方式填在“联系电话”里", "personal-data")
        if title:
            return _title(text, context)
        return read(text)

    return reader


def personal_kinds(text: str) -> list[str]:
    """Labels of the personal data in a text. Texts without digits, @ or such words are not searched."""
    if not MAY_BE_PERSONAL.search(text):
        return []
    return list(dict.fromkeys(find.kind.label for find in find_personal_data(text, PERSONAL)))


def _title(text: str, context: CellContext) -> Reading:
    bare = _NUMBERED.sub("", text).strip()
    if match := re.fullmatch(r"[《“\"'「『](.+?)[》”\"'」』]", bare):
        bare = match[1]
    bare = re.sub(r"^(?:成果名称|项目名称|名称|题目|标题)[:：]\s*", "", bare).rstrip("。.;；,，")
    if bare == text:
        return read(text)
    try:
        return propose(context.parse(bare), "去掉序号、引号和句末标点", "title")
    except CellProblem as problem:
        return refuse(str(problem), "length")


def read_keywords(value: RawCell, context: CellContext) -> Reading:
    try:
        keywords = context.parse(value)
    except CellProblem as problem:
        text = clean_text(unicodedata.normalize("NFKC", as_text(value)[:3000]))
        text = re.sub(r"^(?:关键词|关键字|key\s*words?)[:：]\s*", "", text, flags=re.IGNORECASE)
        parts = [part.strip(' 。."“”#') for part in re.split(r"[；;、,，\n/|#]+|\s{2,}", text)]
        if len(parts) == 1:
            parts = text.split()
        parts = list(dict.fromkeys(part for part in parts if part))
        most = context.parse.max_count
        if not parts or any(len(part) > context.parse.max_length for part in parts[:most]):
            return refuse(str(problem), "length")
        rest = (
            f"最多 {most} 个，取前 {most} 个（没有取“{'、'.join(parts[most:])[:60]}”）"
            if len(parts) > most
            else "写法已整理"
        )
        return propose(tuple(parts[:most]), rest, "many-keywords" if len(parts) > most else "keywords")
    between = r"[|｜#]"
    if len(keywords) == 1:  # else the slash is part of a word: 薄膜/基体；显微力学性能
        between += r"|(?<=[\u4e00-\u9fff]{2})/(?=[\u4e00-\u9fff]{2})"
    pieces = [piece for word in keywords for piece in re.split(between, word)]
    number = r"^(?:关键词[:：]|\d{1,2}(?:[、)]|\.(?!\d)))\s*"  # 1.花生 has a number, 17.5 kDa多肽 has none
    bare = tuple(re.sub(number, "", piece).strip("。. ") for piece in pieces)
    bare = tuple(dict.fromkeys(word for word in bare if word))
    if len(bare) > context.parse.max_count:
        return propose(bare[: context.parse.max_count], f"最多 {context.parse.max_count} 个，取前几个", "many-keywords")
    return read(keywords) if bare == keywords else propose(bare, "去掉序号和句号", "keywords")


def read_evaluation_parts(value: RawCell, context: CellContext) -> Reading:
    try:
        parts = context.parse(value)
    except CellProblem as problem:
        return refuse(str(problem))
    if parts.on and context.sheet and parts.on > context.sheet.today:
        return ask(parts, "日期在今天以后，请核对年份", "future")
    return read(parts)


def strict_reader(value: RawCell, context: CellContext) -> Reading:
    """For columns without odd spellings."""
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        return refuse(str(problem))
