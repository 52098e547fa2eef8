"""Division of a mail or document into the texts of a demand: title, problem, goal, present conditions.

Headings of collection sheets (需求内容, 预期目标, 现有工作基础) decide first, then the words of each sentence.
Greetings, signatures and lines with personal data are left out. Every value is made of sentences of the text as
written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.personal_data import find_personal_data
from matching.engine.indicators.offers import offered_indicators
from matching.engine.problem_parts import problem_title

READ_CHARS = 20_000
MOST_CHARS = {"title": 200, "problem": 5000, "goal": 2000, "conditions": 2000}
SOURCE_CHARS = 120

_HEADINGS = {
    "title": "需求名称|项目名称|难题名称|课题名称|主题|标题",
    "goal": "预期目标|预期效果|目标要求|技术指标|指标要求|考核指标|主要指标|达到的指标|期望目标|合作目标|目标",
    "conditions": "现有工作基础|现有基础条件?|工作基础|已有基础|基础条件|现有条件|研发基础|企业基础",
    "problem": "需求内容(?:及预期目标)?|技术难题(?:及需求说明)?|主要问题|需求背景|问题描述|存在问题|现状|"
    "拟解决的[^：:]{0,12}问题|希望解决的[^：:]{0,12}(?:问题|难题)(?:及预算)?|需求概述|需求",
}
_HEADING = re.compile(
    r"(?:^|(?<=[\n。；;）)])|(?<=\s))\s*(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．:：]?\s*)?(?:"
    + "|".join(f"(?P<{field}>{names})" for field, names in _HEADINGS.items())
    + r")\s*(?:[（(][^（）()]{0,20}[)）])?\s*[:：]"
)
_COURTESY = re.compile(
    "^(?:尊敬的|各位|.{0,12}(?:您好|你好)[!！,，。]?$|此致|敬礼|顺祝|祝好|谢谢|感谢|盼复|期待(?:您的)?回复|发件人|收件人|抄送|发送时间|日期|附件|"
    "联系人|联系电话|电话|手机|邮箱|微信|地址|网址|--)"
)
_GOAL = re.compile("希望|想要|目标|要求|期望|预期|达到|最好|需要(?:一|能|的是)|能够|要的是|盼")
_CONDITIONS = re.compile(
    "^(?:我们|我公司|公司|厂里|厂区)?(?:现有|已有|自有|具备|拥有|配有|可提供|能提供|可以提供)|年产能|实验室|中试线|试验台|技术人员|研发人员|"
    "[0-9一二三四五六七八九十两]+[台套条]"
)
_SENTENCE = re.compile("[^。！？!?；;\n]+[。！？!?；;]?|\n")


@dataclass(frozen=True, slots=True)
class ProseField:
    """`text`: sentences as written, with `source`: the words that it begins with in the text."""

    text: str
    source: str


def divide_prose(prose: str) -> dict[str, ProseField]:
    """Return the fields that a text can fill; of a long one the first READ_CHARS are read."""
    prose = prose.strip()[:READ_CHARS]
    texts: dict[str, list[str]] = {"title": [], "problem": [], "goal": [], "conditions": []}
    for heading, block in _blocks(prose):
        for sentence in _sentences(block):
            texts[heading or _field_of(sentence)].append(sentence)
    if not _joined(texts["problem"]) and texts["goal"]:
        texts["problem"] = texts["goal"]  # the one text that a demand must have
    title = "".join(texts["title"]).strip() or problem_title("\n".join([*texts["problem"], *texts["goal"]]).strip())
    fields = {name: _joined(sentences)[: MOST_CHARS[name]] for name, sentences in texts.items()}
    fields["title"] = title.rstrip("。；;")[: MOST_CHARS["title"]]
    return {name: ProseField(text, text[:SOURCE_CHARS]) for name, text in fields.items() if text}


def _blocks(prose: str) -> Iterator[tuple[str, str]]:
    """Yield (field of the heading or "", the text below it)."""
    headings = list(_HEADING.finditer(prose))
    yield "", prose[: headings[0].start()] if headings else prose
    ends = [*(heading.start() for heading in headings[1:]), len(prose)]
    for heading, end in zip(headings, ends, strict=False):
        field = next(name for name, value in heading.groupdict().items() if value)
        block = prose[heading.end() : end]
        if field == "title":  # only its own line
            line, _, rest = block.strip().partition("\n")
            yield field, line
            yield "", rest
        else:
            # 需求内容及预期目标 holds both; the sentences decide.
            yield ("" if "预期目标" in heading.group() and field == "problem" else field), block


def _sentences(block: str) -> Iterator[str]:
    for line in block.splitlines():
        line = line.strip()
        if not line or _COURTESY.search(line):
            continue
        for sentence in _SENTENCE.findall(line):
            if sentence.strip(" 。；;") and not find_personal_data(sentence):
                yield sentence.strip()
        yield "\n"


def _field_of(sentence: str) -> str:
    if sentence == "\n":
        return "problem"
    if _GOAL.search(sentence) or offered_indicators(sentence):
        return "goal"
    return "conditions" if _CONDITIONS.search(sentence) else "problem"


def _joined(sentences: list[str]) -> str:
    return re.sub(r"\n{2,}", "\n", "".join(sentences)).strip()
