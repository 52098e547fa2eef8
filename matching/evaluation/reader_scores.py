"""How well a second reader judges: its grades against those of readers on real texts (`real_texts`).

Only judged pairs are asked about.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.engine import Item, build
from matching.engine.candidates import MAX_CANDIDATES
from matching.evaluation.formatting import aligned
from matching.evaluation.real_texts import RealTexts
from matching.evaluation.resampling import Interval, share_with_interval, with_interval
from matching.reader.agreement import quadratic_kappa
from matching.reader.answers import GRADES, WORTH_SENDING, PairAnswer
from matching.reader.asking import Asker
from matching.reader.limits import Allowance, Breaker
from matching.reader.questions import achievement_text, need_text
from matching.reader.reading import NeedReading, NeedToRead, Reader, ReadingTotals
from matching.reader.recordings import Answerer
from matching.readings.policy import CANDIDATES
from matching.readings.texts import masked

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class JudgedNeed:
    """A need with its judged achievements by id. `first`: those of them among the finder's first candidates."""

    need: Item
    grades: Mapping[str | int, int]
    first: frozenset[str | int]

    @property
    def has_something(self) -> bool:
        return any(grade >= WORTH_SENDING for grade in self.grades.values())


@dataclass(frozen=True)
class ReaderScores:
    """`figures`: {name: value with 95% interval and number}; `confusion`: [judged][graded] numbers of pairs."""

    model: str
    pairs: int
    needs: int
    incomplete: int
    unanswered: int
    figures: dict[str, Interval]
    confusion: list[list[int]]
    totals: ReadingTotals
    elapsed: float
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        totals = self.totals
        return {
            "model": self.model,
            "pairs": self.pairs,
            "needs": self.needs,
            "incomplete_needs": self.incomplete,
            "unanswered_pairs": self.unanswered,
            "figures": self.figures,
            "confusion": self.confusion,
            "requests": totals.requests,
            "answered": totals.answered,
            "prompt_tokens": totals.prompt_tokens,
            "completion_tokens": totals.completion_tokens,
            "model_seconds": round(totals.seconds, 2),
            "elapsed_seconds": round(self.elapsed, 2),
            "statements": totals.statements,
            "void_statements": totals.void,
            "problems": {str(name): number for name, number in sorted(totals.problems.items())},
            "faults": {str(name): number for name, number in sorted(totals.faults.items())},
        }


FIGURE_LABELS = {
    "kappa": "与人工判断一致（二次加权 kappa）",
    "precision": "评为 2、3 的，人工也认为值得推荐",
    "recall": "人工认为值得推荐的，评为 2、3",
    "served": "有合适成果的需求，推荐中有合适的",
    "served_of_first": "同上，只看内置匹配的前 20 个候选",
    "silent_when_empty": "没有合适成果的需求，不推荐",
    "silent_otherwise": "有合适成果的需求，误说没有",
    "void": "引文与原文不符的陈述",
}


def judged_needs(texts: RealTexts) -> list[JudgedNeed]:
    """Return the judged needs, with those achievements that a run's finder would give the reader."""
    needs = [texts.needs[need] for need in texts.grades]
    ranked = build(texts.achievements.values(), texts.needs.values()).rank(needs, k=CANDIDATES)
    first = {ranking.demand_id: {row.achievement_id for row in ranking.achievements} for ranking in ranked}
    return [
        JudgedNeed(
            texts.needs[need],
            dict(sorted(of.items(), key=lambda row: str(row[0]))),
            frozenset(first[need] & of.keys()),
        )
        for need, of in texts.grades.items()
    ]


def score_reader(texts: RealTexts, answerer: Answerer, model: str, *, concurrency: int = 4) -> ReaderScores:
    """Ask about all judged pairs and compare."""
    asker = Asker(answerer, Allowance(UNLIMITED), concurrency=concurrency, breaker=Breaker())
    reader = Reader(asker, model)
    started = time.monotonic()
    needs = judged_needs(texts)
    readings = reader.read([_to_read(judged, texts.achievements) for judged in needs])
    return _compare(needs, readings, reader.totals, model, time.monotonic() - started)


def _to_read(judged: JudgedNeed, achievements: Mapping[str | int, Item]) -> NeedToRead:
    """Candidates in the order of their ids, which says nothing about their grades."""
    rows = {item: achievements[item] for item in judged.grades}
    return NeedToRead(
        judged.need.id,
        need_text(masked(judged.need.title), masked(judged.need.text)),
        {item: achievement_text(masked(row.title), masked(row.text)) for item, row in rows.items()},
    )


def _compare(
    needs: Sequence[JudgedNeed],
    readings: Mapping[str | int, NeedReading],
    totals: ReadingTotals,
    model: str,
    elapsed: float,
) -> ReaderScores:
    graded = {judged.need.id: readings[judged.need.id].answers for judged in needs}
    pairs = [
        [
            (grade, graded[judged.need.id][item].grade)
            for item, grade in judged.grades.items()
            if item in graded[judged.need.id]
        ]
        for judged in needs
    ]
    flat = [pair for group in pairs for pair in group]
    confusion = [[flat.count((judged, given)) for given in GRADES] for judged in GRADES]
    complete = {name for name, reading in readings.items() if reading.is_complete}
    with_something = [judged for judged in needs if judged.has_something]
    empty = [judged for judged in needs if not judged.has_something]
    silent = {
        judged.need.id for judged in needs if judged.need.id in complete and not _shown(judged, graded[judged.need.id])
    }

    def served(judged: JudgedNeed, only_first: bool = False) -> bool:
        shown = _shown(judged, graded[judged.need.id], only_first=only_first) if judged.need.id in complete else []
        return any(judged.grades[item] >= WORTH_SENDING for item in shown)

    worth = [judged >= WORTH_SENDING for judged, given in flat if given >= WORTH_SENDING]
    recalled = [given >= WORTH_SENDING for judged, given in flat if judged >= WORTH_SENDING]
    figures = {
        "kappa": with_interval([group for group in pairs if group], quadratic_kappa),
        "precision": share_with_interval(sum(worth), len(worth)),
        "recall": share_with_interval(sum(recalled), len(recalled)),
        "served": share_with_interval(sum(map(served, with_something)), len(with_something)),
        "served_of_first": share_with_interval(
            sum(served(judged, only_first=True) for judged in with_something), len(with_something)
        ),
        "silent_when_empty": share_with_interval(sum(row.need.id in silent for row in empty), len(empty)),
        "silent_otherwise": share_with_interval(
            sum(row.need.id in silent for row in with_something), len(with_something)
        ),
        "void": share_with_interval(totals.void, totals.statements),
    }
    return ReaderScores(
        model=model,
        pairs=sum(len(judged.grades) for judged in needs),
        needs=len(needs),
        incomplete=len(needs) - len(complete),
        unanswered=sum(len(judged.grades) for judged in needs) - len(flat),
        figures=figures,
        confusion=confusion,
        totals=totals,
        elapsed=elapsed,
    )


def _shown(judged: JudgedNeed, answers: Mapping[str | int, PairAnswer], *, only_first: bool = False) -> list[str | int]:
    """The achievements that a run would propose: worth sending by the reader, best grade first."""
    worth = [
        item
        for item in judged.grades
        if item in answers and answers[item].grade >= WORTH_SENDING and (not only_first or item in judged.first)
    ]
    return sorted(worth, key=lambda item: -answers[item].grade)[:MAX_CANDIDATES]


def scores_as_text(scores: ReaderScores) -> str:
    """Return tables for a terminal."""
    totals = scores.totals
    head = (
        f"第二读者 {scores.model}：{scores.needs} 项需求，{scores.pairs} 对有人工判断；"
        f"{scores.unanswered} 对没有合格的答案（涉及 {scores.incomplete} 项需求）"
    )
    rows = [["", "数值（95% 区间）", "依据数量"]]
    for name, label in FIGURE_LABELS.items():
        figure = scores.figures[name]
        rows.append([label, _shown_figure(name, figure), str(figure["number"])])
    grades = [["人工判断 ↓ 模型评分 →", *map(str, GRADES)]]
    grades += [[str(grade), *map(str, scores.confusion[grade])] for grade in GRADES]
    cost = [
        ["提问", f"{totals.requests} 次，答复 {totals.answered} 次"],
        ["用时", f"{scores.elapsed:.1f} 秒，模型合计 {totals.seconds:.1f} 秒"],
        ["token", f"输入 {totals.prompt_tokens}，输出 {totals.completion_tokens}"],
        ["陈述", f"{totals.statements} 条，其中引文不符 {totals.void} 条"],
    ]
    trouble = {str(name): number for name, number in (*totals.problems.items(), *totals.faults.items())}
    if trouble:
        cost.append(["不合格", "，".join(f"{name} {number}" for name, number in sorted(trouble.items()))])
    return "\n\n".join([head, *(aligned(table) for table in (rows, grades, cost))])


def _shown_figure(name: str, figure: Interval) -> str:
    if figure["value"] is None:
        return "—"
    value, low, high = (
        f"{figure[key]:.2f}" if name == "kappa" else f"{figure[key]:.0%}" for key in ("value", "low", "high")
    )
    return f"{value}（{low}–{high}）"
