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


MANY = 100
"""Rarer than one in so many is not counted further."""


def odds_sentence(probability: float, number: int = 0) -> str:
    """过去这样的候选，约 12 条中有 1 条被采纳，共 83 条

    `probability`: of being accepted, 0–1; `number`: the decided matches that it was counted over, 0 if not known.
    """
    share = min(max(probability, 0.0), 1.0)
    if share < 1 / MANY:
        odds = "%(many)s 条中不到 1 条被采纳" % {"many": MANY}
    elif share < 0.3:
        many = round(1 / share)
        many = many if many <= 20 else round(many, -1)
        odds = "约 %(many)s 条中有 1 条被采纳" % {"many": many}
    else:
        odds = "约 10 条中有 %(some)s 条被采纳" % {"some": min(9, round(10 * share))}
    counted = "，共 %(number)s 条" % {"number": number} if number else ""
    return f"过去这样的候选，{odds}{counted}"
