"""Choices as people write them: synonyms, several at once, negations, remarks."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, as_text, fold, normalize_text

_NEGATIONS = re.compile(r"(?:不|未|非|无|没有?|尚未|还未|暂不|暂无|拒绝|除)$")
_HEDGES = re.compile(
    r"(?:部分|即将|将|拟|计划|准备|预计|有望|争取|接近|近|(?:未|没有?|尚未|不|未能)(?:能|曾|有|达到|达|到|进入|进行|开展|完成|实现|经过?|通过))$"
)
_HEDGED = frozenset({"stage", "standing", "willingness", "evaluation"})
_ANY_WAY = re.compile(r"(?:以上|各种|什么)?(?:方式|形式)?(?:均可|都可以?|都行|皆可|不限)")
_REMARK = re.compile(r"[(（\[【].*?[)）\]】]")


def _read_words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines():
        name, _colon, text = line.partition(":")
        if text and not line.startswith("#"):
            key, _dot, value = name.partition(".")
            words.setdefault(key, {})[value] = text
    return words


WORDS = _read_words()
"""{column key: {value: words}} of further wordings; for `industry` the value is a slug."""
_INDUSTRY_ENDS = re.compile(r"(?:产业链|产业集群|产业|行业|领域|方向|类)$")


def words_in(text: str, wordings: Mapping[str, Any], *, hedges: bool = False) -> list[tuple[Any, bool]]:
    """[(value, negated)] of the wordings inside folded `text`, longest first, without overlaps, in the text's order.

    hedges: 部分, 拟 and 未达到 count as negations too.
    """
    taken: list[tuple[int, int, Any]] = []
    for word in sorted(wordings, key=len, reverse=True):
        if len(word) < 2:
            continue
        for match in re.finditer(re.escape(word), text):
            if all(match.end() <= start or match.start() >= end for start, end, _value in taken):
                taken.append((match.start(), match.end(), wordings[word]))
    signs = (_NEGATIONS, _HEDGES) if hedges else (_NEGATIONS,)
    ordered = sorted(taken, key=lambda place: place[:2])
    return [(value, any(sign.search(text[:start]) for sign in signs)) for start, _end, value in ordered]


def wordings_of(key: str, parse: Any) -> dict[str, Any]:
    """{folded wording: value} of the column's labels, synonyms and further words."""
    known = {fold(_REMARK.sub("", str(label))): value for value, label in parse.options.items()}
    known |= {fold(word): value for word, value in parse.synonyms.items()}
    more = {fold(word): value for value, words in WORDS.get(key, {}).items() for word in words.split()}
    return known | more


def choice_reader(key: str, *, takes_first: bool = False) -> Callable[[RawCell, CellContext], Reading]:
    """Reader of one choice. takes_first: of several the first is proposed, otherwise it is asked which."""

    def reader(value: RawCell, context: CellContext) -> Reading:
        try:
            chosen = context.parse(value)
        except CellProblem as problem:
            return _one(value, context, key, str(problem), takes_first)
        return _remark_says_otherwise(value, chosen, context, key) or read(chosen)

    return reader


def _remark_says_otherwise(value: RawCell, chosen: Any, context: CellContext, key: str) -> Reading | None:
    """A question if a remark in brackets names another choice: 初期阶段（已完成中试）."""
    text = fold(as_text(value))
    remarks = "".join(_REMARK.findall(text))
    labels = context.parse.options
    if not remarks or text == fold(str(labels[chosen])) or text in {fold(word) for word in context.parse.synonyms}:
        return None
    others = dict.fromkeys(value for value, _negated in words_in(remarks, wordings_of(key, context.parse)))
    others.pop(chosen, None)
    if not others:
        return None
    return ask(chosen, f"括号里另有说法，是“{labels[chosen]}”吗？", f"word:{text[:60]}", options=tuple(others))


def _one(value: RawCell, context: CellContext, key: str, problem: str, takes_first: bool) -> Reading:
    if isinstance(value, Formula):
        return refuse(problem)
    text = fold(normalize_text(value))
    labels = context.parse.options
    wordings = wordings_of(key, context.parse)
    pattern = f"word:{text[:60]}"
    whole = wordings.get(text) or wordings.get(fold(_REMARK.sub("", text)))
    if whole is not None:
        return propose(whole, f"按“{labels[whole]}”记录", pattern)
    hits = words_in(text, wordings, hedges=key in _HEDGED)
    values = list(dict.fromkeys(value for value, negated in hits if not negated))
    if any(negated for _value, negated in hits):
        return ask(None, f"“{text[:20]}”里有“不”“部分”“拟”一类的说法，请选择一项", pattern, options=tuple(values))
    if len(values) == 1:
        return propose(values[0], f"按“{labels[values[0]]}”记录", pattern)
    if values and takes_first:
        rest = "、".join(str(labels[value]) for value in values[1:])
        return propose(values[0], f"只能选一项，取“{labels[values[0]]}”（另有“{rest}”）", pattern)
    if values:
        names = "还是".join(f"“{labels[value]}”" for value in values)
        return ask(values[0], f"只能选一项，是{names}？", pattern, options=tuple(values[1:]))
    begun = [value for value, label in labels.items() if len(text) >= 3 and fold(str(label)).startswith(text)]
    if len(begun) == 1:
        return propose(begun[0], f"按“{labels[begun[0]]}”记录", pattern)
    return refuse(problem, pattern)


def read_stage(value: RawCell, context: CellContext) -> Reading:
    """所处阶段; TRL6 and other levels are read by the stage that they belong to."""
    text = fold(as_text(value)) if not isinstance(value, Formula) else ""
    if match := re.fullmatch(r"(?:trl|技术就绪度|成熟度|第)?[-:]?(\d)级?", text):
        stage = "early" if int(match[1]) <= 5 else "middle" if int(match[1]) <= 7 else "mature"
        return propose(stage, f"写的是等级 {match[1]}，按“{context.parse.options[stage]}”记录", f"word:{text}")
    if text in {"试生产", "试产", "试运行", "示范", "示范工程"}:
        return ask("middle", "可以是“中期阶段（中试）”，也可以是“成熟应用阶段”", f"word:{text}", options=("mature",))
    return choice_reader("stage")(value, context)


def read_ways(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = fold(as_text(value)[:400]) if not isinstance(value, Formula) else ""
        hits = words_in(text, wordings_of("transfer_ways", context.parse))
        values = tuple(dict.fromkeys(value for value, negated in hits if not negated))
        if not hits:
            return refuse(str(problem), f"word:{text[:60]}")
        if values == ("other",) and _ANY_WAY.fullmatch(text):
            return ask(values, "“均可”没有说明方式，请选具体的方式，可以选几种", f"word:{text[:60]}")
        if any(negated for _value, negated in hits):
            return ask(values, "里面有否定的说法，请核对", f"word:{text[:60]}")
        names = "、".join(str(context.parse.options[value]) for value in values)
        if len(values) > 1 and "other" in values:
            values = tuple(value for value in values if value != "other")
            names = "、".join(str(context.parse.options[value]) for value in values)
        return propose(values, f"按“{names}”记录", f"word:{text[:60]}")


def read_industry(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = fold(normalize_text(value)) if not isinstance(value, Formula) else ""
        bare = _INDUSTRY_ENDS.sub("", text)
        labels = context.parse.options
        slugs = context.sheet.industries if context.sheet else {}
        wordings = {fold(str(label)): pk for pk, label in labels.items()}
        wordings |= {fold(word): pk for word, pk in context.parse.synonyms.items()}
        by_slug = {slug: pk for pk, slug in slugs.items()}
        for slug, words in WORDS["industry"].items():
            if slug in by_slug:
                wordings = {fold(word): by_slug[slug] for word in words.split()} | wordings
        pattern = f"word:{text[:60]}"
        if bare in wordings:
            return propose(wordings[bare], f"按“{labels[wordings[bare]]}”记录", pattern)
        values = list(dict.fromkeys(value for value, negated in words_in(text, wordings) if not negated))
        if len(values) == 1:
            return propose(values[0], f"按“{labels[values[0]]}”记录", pattern)
        if values:
            names = "、".join(f"“{labels[value]}”" for value in values)
            return ask(values[0], f"只能选一个产业，可以是{names}", pattern, options=tuple(values[1:]))
        return refuse(str(problem), pattern)
