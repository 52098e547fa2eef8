"""How often matches of the levels 高 and 候选 were accepted so far, in words."""

from dataclasses import dataclass

from django.conf import settings

from matching.models import Learned, Match

PRIOR_SENTENCE = "本地的审核决定还太少，级别按真实需求的判读结果推算：“高”预计半数以上值得发送，“候选”约 12 条中有 1 条"
"""Until an installation has enough decisions of its own. The numbers: docs/matching.md."""


@dataclass(frozen=True, slots=True)
class LevelPrecision:
    """Share of matches of a level that were accepted, over decisions that the calibrator was not fitted to."""

    level: str
    number: int
    accepted: float

    @property
    def sentence(self) -> str:
        """高：过去 140 条中 78% 被采纳."""
        word = Match.Level(self.level).label
        if not self.number:
            return "%(word)s：还没有这样的匹配经过审核" % {"word": word}
        return "%(word)s：过去 %(number)s 条中 %(share)s 被采纳" % {
            "word": word,
            "number": self.number,
            "share": f"{self.accepted:.0%}",
        }


def level_precisions() -> list[LevelPrecision]:
    """Return the precisions of the calibrator in force, best level first; empty if there is none. One query."""
    rows = Learned.objects.filter(engine=settings.MATCH_ENGINE, is_in_force=True)
    row_of = {row.kind: row for row in rows}
    in_force = row_of.get(Learned.Kind.RANKER) or row_of.get(Learned.Kind.LEVELS)
    return precisions_of(in_force) if in_force else []


def precisions_of(row: Learned) -> list[LevelPrecision]:
    """Return the precisions stored with a calibrator."""
    levels = row.figures.get("levels") or {}
    return [
        LevelPrecision(level, levels[level]["number"], levels[level]["accepted"] or 0.0)
        for level in Match.Level.values
        if level in levels
    ]


def levels_sentence() -> str:
    """Return the sentence above each list of matches."""
    precisions = level_precisions()
    meaning = "；".join(precision.sentence for precision in precisions) if precisions else PRIOR_SENTENCE
    return "系统推荐，仅供参考。%(meant)s。" % {"meant": meaning}


def odds_sentence(probability: float | None) -> str:
    """过去这样的候选，约 12 条中有 1 条被采纳; empty without a probability."""
    if probability is None:
        return ""
    if probability >= 0.5:
        return "过去这样的候选，约 10 条中有 %(count)d 条被采纳" % {"count": min(round(10 * probability), 9)}
    return "过去这样的候选，约 %(count)d 条中有 1 条被采纳" % {"count": min(round(1 / max(probability, 0.01)), 100)}
