"""Requirements in the running text of a demand."""

import re
from dataclasses import replace

from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.parsing import parse_indicators
from matching.engine.indicators.quantity_names import quantity_synonyms
from matching.engine.indicators.text_values import MAX_NAME, READ_CHARS, SENTENCE

MAX_REQUIREMENTS = 30
_REQUIRING = frozenset(["ge", "le", "gt", "lt", "between"])
# The last characters of nearly all names of measured quantities.
_QUANTITY_END = re.compile(
    "(?:[率度量力值数比温压差距长宽高径耗级限次龄期速能]|寿命|时间|成本|范围|面积|功率|周期|产能|轮次)$"
)
_LEAD = re.compile("^.*(?:目标|要求|指标|希望|需要)(?:为|是|:)?(?=..)")
_BACKGROUND = re.compile("我国|全国|全球|全市|全省|每年约|市场|行业|统计|据|由于|因为|背景")
_NOT_REQUIRED = re.compile(
    "目前|现有|现在|现状|已达|已经|已建|已投|年产|产值|销售|营业|收入|利润|税|员工|占地|总投资|投资|资金|经费|注册|成立|亩|"
    "专利|论文|市场|用户|客户|发生|最高的|有的|往往|经常|容易|只能|不到|一直|长期以来|传统|普通"
)


def requirements_in_text(text: str) -> tuple[Indicator, ...]:
    """Return the indicators that a demand's text requires: with the name of a quantity and a comparison.

    Values of the present state, of the firm or of the market are left out (年产 3 万吨, 目前漏检率 5%).
    """
    requirements: list[Indicator] = []
    for sentence in SENTENCE.findall(text[:READ_CHARS]):
        is_background = bool(_BACKGROUND.search(sentence))
        for parsed in parse_indicators(sentence):
            indicator = replace(parsed, name=_LEAD.sub("", parsed.name))
            is_named = quantity_synonyms(indicator.name) or _QUANTITY_END.search(indicator.name)
            if not is_named or not 2 <= len(indicator.name) <= MAX_NAME or _NOT_REQUIRED.search(indicator.original):
                continue
            if indicator.comparison in _REQUIRING and not is_background:
                requirements.append(indicator)
    return tuple(requirements[:MAX_REQUIREMENTS])
