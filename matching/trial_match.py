"""试配: matches of a demand that is not in the registry. Nothing is stored."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import Region, User
from achievements.models import Achievement
from demands.models import Demand
from matching.candidate_policy import CandidatePolicy
from matching.engine import Item, facts
from matching.engine.completeness import missing_details, missing_sentence
from matching.engine.fact_score import combine_scores, fact_score
from matching.facts import achievement_facts, demand_facts_from_text
from matching.models import Match
from matching.registry_indexes import MATCHING_INDEX

CANDIDATES, SHOWN = 30, 10
MOST_CHARS = 5000
TITLE_CHARS = 60


@dataclass(frozen=True)
class TrialMatch:
    """Unsaved matches: `candidates` are those that a run would propose, `others` the best of the rest.

    `hint`: what the text should say in addition, or "".
    """

    candidates: list[Match]
    others: list[Match]
    hint: str = ""

    @property
    def high_count(self) -> int:
        """Number of candidates of the level 高."""
        return sum(match.level == Match.Level.HIGH for match in self.candidates)


def run_trial_match(
    text: str, *, user: User | AnonymousUser, wanted: facts.DemandFacts | None = None, compares_all: bool = True
) -> TrialMatch:
    """Score a demand, given as text, against the achievements on offer that the user may see.

    `wanted`: the facts of the demand, if more is known than the text says. `compares_all`: whether the facts of all
    CANDIDATES are compared, as a run does, or only those of the SHOWN best by their words, in a third of the time.

    The scores equal those of a run but for a small difference: the terms of the text are not part of the statistics.
    """
    text = text.strip()[:MOST_CHARS]
    title, rest = _split_title(text)
    item = Item(0, title, rest)
    index = MATCHING_INDEX.current()
    [ranking] = index.rank([item], k=CANDIDATES if compares_all else SHOWN)
    ranked_by_id = {ranked.achievement_id: ranked for ranked in ranking.achievements if ranked.score > 0}
    achievements = (
        Achievement.objects.visible_to(user)
        .filter(pk__in=ranked_by_id)
        .select_related("institution", "industry")
        .prefetch_related("indicators")
    )
    regions = dict(Region.objects.values_list("pk", "name"))
    of_demand, demand = wanted or demand_facts_from_text(text), Demand(title=title, problem=rest)
    matches = []
    for achievement in achievements:
        ranked = ranked_by_id[achievement.pk]
        compared = facts.compare_facts(achievement_facts(achievement, regions), of_demand)
        fit = fact_score(compared)
        parts = {**ranked.parts, "words": round(ranked.score / 100, 4), "fit": fit}
        score = combine_scores(ranked.score, fit)
        matches.append(Match(achievement=achievement, demand=demand, score=score, parts=parts, facts=compared))
    matches.sort(key=lambda match: (-match.score, match.achievement_id))
    shown = matches[:SHOWN]
    for match in shown:
        match.shared_terms = index.shared_terms(match.achievement_id, item)
        match.related_terms = index.related_terms(match.achievement_id, item)
    candidates = CandidatePolicy(settings.MATCH_PER_DEMAND).proposed(ranking.profile, shown)
    # Unsaved matches have no primary key to compare by.
    others = [match for match in shown if all(match is not other for other in candidates)]
    return TrialMatch(candidates, others, missing_sentence(missing_details(item)))


def _split_title(text: str) -> tuple[str, str]:
    """Return title and text. The title is the first line, or the first sentence or clause of a long first line."""
    first, _, rest = text.partition("\n")
    if len(first) <= TITLE_CHARS:
        return first.strip(), rest.strip()
    cut = re.search(r"[。；！？;!?，,]", first)
    end = cut.start() if cut and cut.start() <= TITLE_CHARS else TITLE_CHARS
    return first[:end].strip(), text
