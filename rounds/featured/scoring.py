"""Score of one candidate under the rules, 0–100.0 in tenths of a point, with reasons as text."""

from dataclasses import dataclass

from rounds.featured.candidate import Candidate
from rounds.featured.rules import SelectionRules

MAX_SCORE = 1000
"""The full score. Scores are integers, so that ties are exact and rounding never decides."""
MATURITY_SCORES = {"industrial": 1000, "pilot": 800, "lab": 450, "concept": 150, "": 0}
MATURITY_NAMES = {"industrial": "可产业化", "pilot": "中试", "lab": "小试", "concept": "概念验证", "": "未填成熟度"}
SELF_ASSESSED_SHARE = 850
"""In thousandths: what a level without evidence counts of one with evidence."""
THEME, THEME_IN_TEXT, KEY_INDUSTRY = 1000, 800, 600
FULL_MARK_DEMANDS = 3
"""Open demands with an accepted match for the full score. What nobody has reviewed yet is shown but counts nothing."""
FULL_MARK_INDUSTRY_DEMANDS = 10
OWN_DEMAND_SHARE = 800
"""In thousandths: weight of demands matched with the achievement; the rest is the weight of its industry's."""


@dataclass(frozen=True, slots=True)
class SelectionReason:
    """One sentence. `kind`: maturity, fit, needs, limit, pin, rest or place."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    candidate: Candidate
    score: int
    reasons: tuple[SelectionReason, ...]

    @property
    def order(self) -> tuple:
        """Sort key: best first, ties by key."""
        return -self.score, self.candidate.key


def score_text(score: int) -> str:
    """610 → "61.0"."""
    return f"{score // 10}.{score % 10}"


def score_candidate(candidate: Candidate, rules: SelectionRules) -> ScoredCandidate:
    parts = {"maturity": _maturity(candidate), "fit": _fit(candidate, rules), "needs": _needs(candidate)}
    weights = {name: getattr(rules, name) for name in parts}
    total = sum(weights.values())
    score = round(sum(weights[name] * worth for name, (worth, _words) in parts.items()) / total)
    reasons = tuple(SelectionReason(name, words) for name, (_worth, words) in parts.items() if weights[name])
    return ScoredCandidate(candidate, score, reasons)


def _maturity(candidate: Candidate) -> tuple[int, str]:
    worth = MATURITY_SCORES[candidate.maturity]
    name = MATURITY_NAMES[candidate.maturity]
    if not candidate.maturity:
        return worth, name
    level = f"（{candidate.level}）" if candidate.level else ""
    if candidate.has_evidence:
        return worth, f"{name}{level}，有依据"
    return worth * SELF_ASSESSED_SHARE // 1000, f"{name}{level}，自评"


def _fit(candidate: Candidate, rules: SelectionRules) -> tuple[int, str]:
    for theme in rules.themes:
        if any(theme in word or word in theme for word in candidate.industry_words if word):
            return THEME, f"属于活动主题“{theme}”"
    for theme in rules.themes:
        if theme in candidate.words:
            return THEME_IN_TEXT, f"名称或关键词里有主题“{theme}”"
    if candidate.industry in rules.key_industries:
        return KEY_INDUSTRY, f"属于重点产业“{candidate.industry_name}”"
    return 0, "不在活动主题和重点产业内"


def _needs(candidate: Candidate) -> tuple[int, str]:
    own = min(candidate.accepted, FULL_MARK_DEMANDS) * 1000 // FULL_MARK_DEMANDS
    around = min(candidate.industry_needs, FULL_MARK_INDUSTRY_DEMANDS) * 1000 // FULL_MARK_INDUSTRY_DEMANDS
    worth = (OWN_DEMAND_SHARE * own + (1000 - OWN_DEMAND_SHARE) * around) // 1000
    waiting = f"{candidate.waiting} 项匹配待审核，不计分" if candidate.waiting else ""
    if candidate.accepted:
        return worth, f"背后有 {candidate.accepted} 项企业需求（匹配已采纳）{f'，另有 {waiting}' if waiting else ''}"
    around = f"本产业有 {candidate.industry_needs} 项需求在找技术" if candidate.industry_needs else ""
    return worth, "，".join(part for part in ("还没有已采纳的匹配", waiting, around) if part)
