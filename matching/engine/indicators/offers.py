"""Indicators that a form offers from prose: those that a text requires, each with the sentence that states it.

Wider than `requirements_in_text`, which the score uses: also values in Chinese numerals, aims without a sign
(良率升到九成二) and changes (人工减六成). A person accepts each one, so an offer needs a name, a value and words that
require it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.numerals import normalise_symbols, parse_chinese_numeral
from matching.engine.indicators.parsing import parse_indicators
from matching.engine.indicators.quantity_names import better_direction, quantity_synonyms
from matching.engine.indicators.text_values import MAX_NAME, SENTENCE
from matching.engine.indicators.units import COUNTED
from matching.engine.indicators.vocabulary import DIRECTION
from matching.engine.indicators.written_numerals import with_digits
from matching.engine.noun_phrases import is_generic, noun_phrases
from matching.engine.tokeniser import HAN, simplified

READ_CHARS = 20_000
MAX_OFFERS = 20
SOURCE_CHARS = 200
_NO_VALUE = "\x02"
_REQUIRING = frozenset(["ge", "le", "gt", "lt", "between"])
_NUMERAL = "[半零〇一二两三四五六七八九十百千万]+"
_SHARE = re.compile(f"([百千万])分之({_NUMERAL}|\\d+(?:\\.\\d+)?)(?:点([零一二三四五六七八九]+))?")
# 四五毫米, 二三十次, 十几台, 八十多吨, 一米八, 三分之一 are not exact, or their unit is read wrongly.
_VAGUE = re.compile(
    "[一二三四五六七八九]{2}(?=[十百千万]?(?:[^点成分一二三四五六七八九])|分[^之])|[几数](?=[十百千万个次台吨天年])|米[一二三四五六七八九]|[一二三四五六七八九0-9]分之|"
    "多(?=[吨米次个天公年毫台℃度块元片])|(?<=[吨米次个天里年克台℃度块元片时])多|来[个台次]"
)
# 度 is an angle in these clauses.
_ANGLE = re.compile("扫描|波束|方位|俯仰|水平面|垂直面|转角|夹角|视场")
_ITEM_NUMBER = re.compile(r"(?:(?<=[：:。；;，, ])|^)\s*[（(]?\d{1,2}(?:[)）、]|[.．](?!\d))")
_QUANTITY_END = re.compile(
    "(?:[率度量力值数比温压差距长宽高径耗级限次龄期速能命性间]|成本|范围|面积|功率|周期|产能|带宽|容量|误差|偏差|残留|噪声|噪音|含氧|回收|得率|"
    "单价|价格|工时|节拍|人工|用工|牢度|气味|直径|深度|精度|损伤|泄漏|烂苗|返修|误报|漏报|误判|定位|合格|换型|加工|停机|检测|降低|提高)$"
)
# A state, a condition of the firm or the market, or what others have.
_PRESENT = re.compile(
    "目前|现有(?!技术)|现状|已达|已经|已建|已投|年产(?!能)|产值|销售|营业|收入|利润|税|员工|占地|注册|成立|专利|论文|市场|用户|发生|最高的|往往|"
    "经常|容易|只能|不到|一直|长期以来|传统|普通|买过|用过|试过|上过|花了|去年|前年|上个月|今年|平时|原来|以前|从前|如今|只有|掉到|冲到|爬到|"
    "涨到|窜到|报价|自有|标称|听说|实验|通常|局部|我国|国内|国外|进口|差个|差了|不了|高达|慢慢|才[能会有]|就[会要得掉是]|等于|大约|可提供|试验台"
)
_REQUIRED_NOW = re.compile("要求|须|应|必须|不得|不能超|别超|不超")
_AT_MOST = re.compile("别(?=超|高于|大于|多于)")
_AT_LEAST = re.compile("别(?=低于|少于|小于)")
_PER = re.compile("(.+?)(?:降|升|提高|控制|减)到(每.+)$")
_NOW = re.compile("^(?:现在|目前|如今|现有)的?(?=..)")
_TAG = re.compile("<[^<>]{0,80}>")
_OF_NOW = re.compile("(?:现在|目前|如今|只有|才|平均|是|为|的)+$")
_PERIOD = re.compile("完成|交付|投用|见效|上线|回本|交期|排期|工期|内(?:开|出结果|替)")
_NOT_IN_NAME = re.compile(
    "资金|投入|投资|经费|预算|营收|[，。()我们你他]|年$|年[降提]|[升降]到|比(?!表面积|例|容量|能|重|强|电阻)|要么|或者|自己|没有|才|也|都"
)
_BACKGROUND = re.compile(r"我国|全国|全球|全市|全省|据统计|研究表明|实验证明|每减少|每降低|若|如果|假如|\[\d+\]")
# A value without a comparison is an aim only after such words.
_AIM = re.compile("希望|要求|目标|需要|需求|达到|做到|完成|实现|指标|力争|预期|期望")
# A range says what the firm has (绳径22~44 mm) unless it stands beside such words.
_SPAN = re.compile("耐|适用|适应|范围|覆盖|工作温度|控制|保持|稳定")
_LEAD = re.compile(
    "^.*(?:目标|要求|指标|希望|需要|客户定|最好|至少|预期)(?:[为是:的]|能够?|把|将|使)*(?=..)|^(?:把|将|使(?!用)|让|能|可|要|想|每天|其中|并|且|从)+(?=..)"
)
_AIM_VERB = re.compile(
    "(?:恢复|提高|提升|提|升|回|延|做|降|减|压|控|缩短|控制|稳定|保持|达|延长|减少|降低)?(?:到|至|在|为|回到|的是|是)$"
)
_GOOD_RATE = re.compile("^[^漏误废损耗坏返错差失残不]*率$")
_AIM_BEFORE_VALUE = re.compile(r"(?:在|到|至|达)\s*\d")
_CHANGE = re.compile("(.{2,}?)(?:要|能|可|再)?(?:减少|减|降低|降|少用|少|下降|缩短|节省|省)$")
_GAIN = re.compile("(.{2,}?)(?:要|能|可|再)?(?:提高|提升|增加|多出|升高|延长)$")
_CHANGE_FIRST = re.compile(f"^({'|'.join(DIRECTION)})(.{{2,}})$")
_RANGE_FIRST = re.compile(
    rf"(-?\d[\d.]*)\s*(℃|度)?\s*[到至~-]\s*(-?\d[\d.]*)\s*(℃|度|%|mm|毫米|米|MPa)的?([{HAN}]{{2,8}}?范围)"
)
_DIGITS_IN_NAME = re.compile(r"\d+")
_NAME_OF_DIGIT = dict(zip("123456789", "一二三四五六七八九", strict=True)) | {"2": "两", "10": "十"}


class IndicatorOffer(NamedTuple):
    """An indicator with the sentence that states it, as written."""

    indicator: Indicator
    source: str


def offered_indicators(text: str) -> list[IndicatorOffer]:
    """Return at most MAX_OFFERS indicators that a text requires, in its order, each name and value once.

    Values are exact, names 2–16 characters. Any text is accepted; of a long one the first READ_CHARS are read.
    """
    offers: list[IndicatorOffer] = []
    known: set[tuple[str, tuple[float, ...]]] = set()
    sentences = (piece for sentence in SENTENCE.findall(text[:READ_CHARS]) for piece in _ITEM_NUMBER.split(sentence))
    for written in sentences:
        for indicator in _of_sentence(simplified(written)):
            key = (indicator.name, indicator.values)
            if key in known:
                continue
            known.add(key)
            offers.append(IndicatorOffer(indicator, _source(written, indicator)))
            if len(offers) == MAX_OFFERS:
                return offers
    return offers


def _of_sentence(sentence: str) -> Iterator[Indicator]:
    if _BACKGROUND.search(sentence) and not _REQUIRED_NOW.search(sentence):
        return
    if _ANGLE.search(sentence):
        sentence = sentence.replace("度", "°")
    sentence = _AT_LEAST.sub("不", _AT_MOST.sub("不", normalise_symbols(_TAG.sub("", sentence))))
    plain = with_digits(_hide_vague(_SHARE.sub(_share, sentence)))
    if match := _RANGE_FIRST.search(plain):
        low, _, high, unit, name = match.groups()
        if len(name) >= 4 and float(low) < float(high):
            yield Indicator(name, match.group(), "between", (float(low), float(high)), unit)
    has_aim, previous = bool(_AIM.search(sentence)), None
    for parsed in parse_indicators(plain):
        named = _with_name_before(_with_aim(_tenths(parsed)), previous)
        previous = named
        if _is_required(named, has_aim=has_aim):
            yield _with_usual_unit(replace(named, name=_restored_name(named.name, sentence)))


def _with_name_before(indicator: Indicator, previous: Indicator | None) -> Indicator:
    """目前检出率92%，要求99%以上: the second value has the name of the first."""
    if indicator.name or previous is None or indicator.comparison not in _REQUIRING:
        return indicator
    is_same = previous.measure.dimension == indicator.measure.dimension
    return replace(indicator, name=_OF_NOW.sub("", previous.name)) if is_same else indicator


def _is_required(indicator: Indicator, *, has_aim: bool) -> bool:
    """Whether the clause of an indicator names a quantity and requires the value."""
    original, name, unit = indicator.original, indicator.name, indicator.unit
    if _NO_VALUE in original or "×" in original or not indicator.values:
        return False
    if _PRESENT.search(original) and not _REQUIRED_NOW.search(original):
        return False
    is_measured = indicator.measure.dimension not in COUNTED | {""}
    if indicator.comparison == "eq" and not (has_aim and is_measured and not name.endswith("级")):
        return False
    if unit == "个" and name.endswith("时间"):
        return False  # 时间不超过一个循环
    if indicator.comparison == "between" and not (has_aim or _SPAN.search(original)):
        return False
    is_time = indicator.measure.dimension == "[time]"
    if indicator.comparison not in _REQUIRING | {"eq"} or (is_time and _PERIOD.search(original)):
        return False
    if not 2 <= len(name) <= MAX_NAME or _NOT_IN_NAME.search(name):
        return False
    if quantity_synonyms(name) or _QUANTITY_END.search(name):
        return True
    # 排口镍小于0.1 mg/L names no quantity, but is measured and compared.
    is_compared = indicator.comparison != "eq" and not is_time and (is_measured or unit in {"%", "‰"})
    return is_compared and not is_generic(name) and any(name.lower().endswith(phrase) for phrase in noun_phrases(name))


def _with_usual_unit(indicator: Indicator) -> Indicator:
    """Ra is always in µm."""
    return replace(indicator, unit="µm") if not indicator.unit and re.search("R[az]$", indicator.name) else indicator


def _with_aim(parsed: Indicator) -> Indicator:
    """Read the verb of a name: 良率升到 is an aim, 人工减 a change, 降低…质量 a change that comes first."""
    name, comparison = _NOW.sub("", _LEAD.sub("", parsed.name)).strip("的 "), parsed.comparison
    if match := _PER.match(name):
        name, parsed = match[1], replace(parsed, condition=parsed.condition or match[2])
    is_aim = bool(match := _AIM_VERB.search(name))
    if match:
        verb, name = match.group(), name[: match.start()].rstrip("要能可")
        falls = re.search("降|减|压|控|缩", verb) or better_direction(name) == "-"
        rises = re.search("升|提高|延|恢复|回", verb) or better_direction(name) == "+" or _GOOD_RATE.search(name)
        if comparison == "eq" and (falls or rises):
            comparison = "le" if falls else "ge"
    is_share = parsed.measure.dimension == "" and parsed.unit in {"%", "‰", "倍"}
    is_aim = is_aim or bool(_AIM_BEFORE_VALUE.search(parsed.original))
    if parsed.change and not is_aim and comparison in {"eq", "ge", "gt"} and is_share:
        return replace(
            parsed,
            name=f"{name.replace('要', '')}{'降低' if parsed.change == 'down' else '提高'}",
            comparison="ge",
            change="",
        )
    if comparison in {"eq", "ge", "gt"} and is_share:
        if not is_aim and (match := _CHANGE_FIRST.match(name)):
            word = "降低" if DIRECTION[match[1]] == "down" else "提高"
            return replace(parsed, name=f"{match[2]}{word}", comparison="ge")
        for pattern, word in ((_CHANGE, "降低"), (_GAIN, "提高")):
            if (match := pattern.fullmatch(name)) and comparison == "eq":
                return replace(parsed, name=f"{match[1]}{word}", comparison="ge")
    return replace(parsed, name=name.strip("的要 "), comparison=comparison)


def _tenths(parsed: Indicator) -> Indicator:
    """九成 is 90 %."""
    if parsed.unit != "成":
        return parsed
    return replace(parsed, values=tuple(10 * value for value in parsed.values), unit="%")


def _hide_vague(sentence: str) -> str:
    """Replace inexact numbers by a sign that no indicator contains."""
    return _VAGUE.sub(_NO_VALUE, sentence)


def _share(match: re.Match[str]) -> str:
    whole = match[2] if match[2][0].isdigit() else f"{parse_chinese_numeral(match[2]) or 0:g}"
    decimals = "".join(str("零一二三四五六七八九".index(digit)) for digit in match[3] or "")
    share = f"{whole}{'.' + decimals if decimals else ''}"
    return f"{float(share) / 100:g}%" if match[1] == "万" else f"{share}{'%' if match[1] == '百' else '‰'}"


def _restored_name(name: str, sentence: str) -> str:
    """Write numerals in a name as the sentence does: 1次合拢率 → 一次合拢率."""
    if name in sentence:
        return name
    restored = _DIGITS_IN_NAME.sub(lambda match: _NAME_OF_DIGIT.get(match.group(), match.group()), name)
    if restored.startswith("两次"):
        restored = restored if restored in sentence else f"二{restored[1:]}"
    return restored


def _source(written: str, indicator: Indicator) -> str:
    """Return the sentence, or of a long one the part around the name."""
    sentence = written.strip()
    if len(sentence) <= SOURCE_CHARS:
        return sentence
    at = max(0, sentence.find(indicator.name) - SOURCE_CHARS // 3)
    return sentence[at : at + SOURCE_CHARS].strip()
