"""Names of persons, telephone numbers and mail addresses as people write them."""

import re
import unicodedata

from achievements.intake.contacts import phone_numbers
from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, RawCell, as_text, clean_text

_TITLES = (
    "(?:特聘|长聘)?(?:副|助理)?(?:教授|研究员|讲师|院士|工程师|高级工程师|高工|总工|研究生|博士生|博导|硕导|博士后|博士"
    "|硕士|老师|导师|先生|女士|主任|院长|所长|处长|校长|同学)"
)
_TITLE_END = re.compile(rf"(?<=[\u4e00-\u9fff]{{2}})[\s,，、/]*(?:{_TITLES}[\s、/，,]*)+$")
_PREFIX = re.compile(r"^(?:姓名|负责人|项目负责人|联系人|第一完成人|完成人|主持人|课题组|团队)[：:\s]+")
_ET_AL = re.compile(
    r"(?<=[\u4e00-\u9fff]{2})\s*(?:等人?|及?其?(?:团队|课题组)|教授团队|等\d+人|等[一二三四五六七八九十]+人|et\s*al\.?)(?:\([^)]*\))?$"
)
_SEPARATORS = re.compile(r"[、，,；;/|＋+&\n和与及]|\s{2,}")
_BRACKET = re.compile(r"[（(【\[]([^（）()【】\[\]]*)[）)】\]]")
_NUMBER = re.compile(r"(?:\+?86[- ]?)?1[3-9](?:[- ]?\d){9}(?!\d)|0\d{2,3}[- ]?\d{7,8}|\d{7,8}")
_COMPOUND = frozenset(
    re.findall("..", "欧阳司马上官诸葛夏侯皇甫尉迟公孙慕容令狐长孙宇文司徒端木独孤南宫东方西门呼延完颜闻人澹台")
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆"
    "郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_CHAIN = re.compile(rf"(?:[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}){{2,}}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)*")
_MARKS = re.compile(
    r"(?<=[\u4e00-\u9fffA-Za-z.])[*#†‡§^☆★△]+|(?<=[\u4e00-\u9fff])[1-9](?:[,，][1-9])*[*#]*$|^[*#†‡§☆★△]+"
)
_LATIN_TITLE = re.compile(
    r"^(?:prof(?:essor)?|dr|mr|mrs|ms)\b\.?\s*|,?\s*(?:ph\.?\s?d|prof(?:essor)?)\.?$", re.IGNORECASE
)
_ONLY_SURNAME = re.compile(rf"(?:[{_SURNAMES}]|[\u4e00-\u9fff])(?:{_TITLES}|总|工)")
_UNIT = re.compile(
    r"大学|学院|学校|公司|集团|企业|厂|研究|院|所|中心|实验室|医院|局|部|处|室|系|站|校|馆|协会|学会|基地|[A-Za-z]{3,}"
)
_NOBODY = re.compile(
    r"详见|见附件|^同(?:上|前|左|联系|负责|第一|完成)|^暂?无$|待定|待补|未定|略|xxx|某某|保密",
    re.IGNORECASE,
)


def read_lead(value: RawCell, context: CellContext) -> Reading:
    """The lead: one person. Further names become completers when the office agrees."""
    return _person(value, context, others_key="completers")


def read_contact_name(value: RawCell, context: CellContext) -> Reading:
    return _person(value, context, others_key="", keep_title=True)


def _person(value: RawCell, context: CellContext, *, others_key: str, keep_title: bool = False) -> Reading:
    text = clean_text(unicodedata.normalize("NFKC", as_text(value)[:400]), multiline=True)
    if not text or not re.search(r"[A-Za-z\u4e00-\u9fff]", text) or _NOBODY.search(text):
        return refuse("不是人名，请填姓名", "no-name")
    if re.search(r"\*{2,}", text):
        return refuse("姓名被隐去了，请填全名", "masked")
    bare, notes, extra = _PREFIX.sub("", text), [], {}
    numbers = _NUMBER.findall(bare)
    if numbers:
        bare = _NUMBER.sub(" ", bare)
        notes.append("电话移到“联系电话”")
        phone, _message = phone_numbers("、".join(numbers), context)
        if phone:
            extra["contact_phone"] = phone
    if units := [unit for unit in _BRACKET.findall(bare) if unit.strip()]:
        bare = _BRACKET.sub("", bare)
        notes.append(f"括号里的“{'、'.join(units)[:40]}”没有算进姓名")
    bare = re.sub(r"(?:电话|手机|联系方式|tel|mobile)[:\s]*", "", bare, flags=re.IGNORECASE)
    bare = _MARKS.sub("", _LATIN_TITLE.sub("", bare.strip()))
    if _ET_AL.search(bare := bare.strip(" 、,:;-/")):
        bare = _ET_AL.sub("", bare).strip(" 、,")
        notes.append("去掉“等”“团队”")
    if not keep_title and _ONLY_SURNAME.fullmatch(bare):
        return ask(bare, "只写了姓和称呼，请填全名", "no-full-name", extra=extra)
    if not keep_title and _TITLE_END.search(bare):
        bare = _TITLE_END.sub("", bare)
        notes.append("去掉职称")
    return _one_person(bare, text, notes, extra, others_key)


def _one_person(bare: str, text: str, notes: list[str], extra: dict, others_key: str) -> Reading:
    names = split_names(bare)
    if not names or any(re.search(r"\d", re.sub(r"(?<=[\u4e00-\u9fff])\d{1,3}$", "", name)) for name in names):
        return refuse("认不出姓名，请只填一个人的姓名", "no-name")
    if len(names) > 1:
        more = extra | ({others_key: tuple((name, "") for name in names)} if others_key else {})
        rest = "，其余的人记为完成人" if others_key else ""
        return ask(names[0], f"写了 {len(names)} 个人，是不是以“{names[0]}”为准{rest}？", "several-people", extra=more)
    name = names[0]
    if len(name) > 30:
        return refuse("姓名超过 30 个字，请只填一个人的姓名", "long-name")
    if re.fullmatch(r"[\u4e00-\u9fff]{7,}", name) or re.search(r"(?:大学|学院|公司|研究所|中心|实验室|处|部)$", name):
        return ask(name, "不像一个人的姓名，请核对", "not-a-name", extra=extra)
    if _several_surnames(name):
        return ask(name, "像是几个人的姓名连在一起，请核对", "several-people", extra=extra)
    if name == clean_text(text, multiline=False) and not extra:
        return read(name)
    return propose(name, "；".join(notes) or "去掉姓名里的空格", "name", extra=extra)


def _several_surnames(name: str) -> bool:
    """Whether a name of 4 to 9 characters is a chain of names: 张三李四."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{4,9}", name) or name[:2] in _COMPOUND:
        return False
    return _CHAIN.fullmatch(name) is not None


def split_names(text: str) -> list[str]:
    """The distinct names in `text`. "王 小明" and "欧阳 娜娜" are one name, "张三 李四" are two."""
    names: list[str] = []
    for part in (part.strip() for part in _SEPARATORS.split(text)):
        words = part.split()
        chinese = all(_CHINESE.fullmatch(word) for word in words)
        if chinese and len(words) > 1 and not (len(words[0]) == 1 or words[0] in _COMPOUND):
            names += words
        elif chinese and len(words) > 1:
            joined = "".join(words)
            names += [joined] if len(joined) <= 4 else words
        elif part:
            names.append(part)
    return list(dict.fromkeys(name for name in names if name))


def read_completers(value: RawCell, context: CellContext) -> Reading:
    """Names with units: the strict form, and names divided by blanks or strokes, with numbers, titles, marks or 等."""
    text = clean_text(unicodedata.normalize("NFKC", as_text(value)[:3000]))
    if _NUMBER.search(text):
        return ask(None, "完成人里有电话号码，请只写姓名和单位", "phone-in-public")
    plain = re.sub(r"(?:^|(?<=[\s;、,\n]))\(?\d{1,2}[.、):]\s*", "", text)
    plain = re.sub(r"\s*(?:等人?|等\d+人|及?其?(?:课题组|科研)?团队|及?其?课题组)$", "", plain)
    try:
        strict, problem = context.parse(value), ""
    except CellProblem as error:
        strict, problem = None, str(error)
    people: list[tuple[str, str]] = []
    dropped: list[str] = []
    for part in _parts(re.sub(r"(?:^|(?<=[\s;；、,\n]))[\u4e00-\u9fff]{2,8}[:：]\s*", "", plain)):
        name, _bracket, unit = part.partition("(")
        name = _MARKS.sub("", _LATIN_TITLE.sub("", _TITLE_END.sub("", name.strip("/ ")))).strip()
        if not name or len(name) > 30 or re.search(r"\d", name):
            return refuse(problem or "认不出姓名，请用“；”分隔", "unreadable")
        unit = unit.rstrip(") ").strip()[:100]
        if unit and not _is_unit(unit, context):
            dropped.append(unit)
            unit = ""
        people.append((name, unit))
    if not people:
        return refuse("没有姓名，请用“；”分隔各人", "unreadable")
    if strict and tuple(people) == strict:
        return _odd_names(people) or read(strict)
    remark = f"；括号里的“{'、'.join(dict.fromkeys(dropped))[:40]}”不是单位，没有记" if dropped else ""
    reading = propose(tuple(dict.fromkeys(people)), f"按 {len(people)} 个人读{remark}", "people")
    return _odd_names(people) or reading


def _is_unit(text: str, context: CellContext) -> bool:
    shorts = {short for _name, short in context.sheet.institutions.values()} if context.sheet else set()
    if text in shorts:
        return True
    return _UNIT.search(text) is not None and not re.fullmatch(rf"(?:{_TITLES}[、,，/\s]*)+", text)


def _odd_names(people: list[tuple[str, str]]) -> Reading | None:
    """A question about names of one surname and a title, and about names that are several."""
    odd = [name for name, _unit in people if _ONLY_SURNAME.fullmatch(name) or _several_surnames(name)]
    if not odd:
        return None
    return ask(tuple(dict.fromkeys(people)), f"“{'、'.join(odd)[:40]}”不像一个人的全名，请核对", "several-people")


def _parts(text: str) -> list[str]:
    """One text for each person. Blanks divide Chinese names only; what is in brackets is kept together."""
    parts: list[str] = []
    for part in re.split(r"[;；、，,\n/|＋+&]+(?![^(]*\))", text):
        words = [word for word in re.split(r"\s+(?![^(]*\))", part.strip()) if word]
        if any(re.match(r"[A-Za-z]", word) for word in words) and not any(map(_CHINESE.match, words)):
            parts.append(" ".join(words))
        else:
            parts += _joined_names(words)
    return parts


def _joined_names(words: list[str]) -> list[str]:
    """王 小明 as one name."""
    joined: list[str] = []
    for word in words:
        begins = joined and (
            re.fullmatch(r"[\u4e00-\u9fff]", joined[-1]) or (joined[-1] in _COMPOUND and len(words) == 2)
        )
        is_rest = begins and re.fullmatch(r"[\u4e00-\u9fff]{1,2}(?:\(.*)?", word)
        if is_rest or (joined and (word.startswith("(") or re.fullmatch(_TITLES, word))):
            joined[-1] += word
        else:
            joined.append(word)
    return joined
