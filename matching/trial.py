"""试配: one need that is not in the registry, against what is on offer now. Nothing is kept."""

import re
from dataclasses import dataclass

from django.conf import settings

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import SHOWN_FROM, Item, facts
from matching.engine.fit import combine, fit
from matching.engine.silence import PRIOR
from matching.facts import need_of_text, offer_of
from matching.models import Match
from matching.nearby import OFFERS
from matching.silence import Silence

WEIGHED, SHOWN = 30, 10
MOST_CHARS = 5000
TITLE_CHARS = 60


@dataclass(frozen=True)
class Trial:
    """What a need would get: `fitting`, what a run would propose, none for a silent need; `others`, the best that it
    would not. Unsaved matches."""

    fitting: list[Match]
    others: list[Match]


def try_need(text: str, *, user) -> Trial:
    """Score a need, given as a text whose first line is its title, against what is on offer. A handful of queries.

    The scores are those a run would give if the need were in the registry, but for a rounding: its words are not
    counted among those of the needs.
    """
    text = text.strip()[:MOST_CHARS]
    title, rest = _title(text)
    item = Item(0, title, rest)
    index = OFFERS.current()
    [ranking] = index.rank([item], k=WEIGHED)
    proposed = {proposal.achievement_id: proposal for proposal in ranking.proposals if proposal.score > 0}
    achievements = (
        Achievement.objects.visible_to(user)
        .filter(pk__in=proposed)
        .select_related("institution", "industry")
        .prefetch_related("indicators")
    )
    regions = dict(Region.objects.values_list("pk", "name"))
    need, demand = need_of_text(text), Demand(title=title, problem=rest)
    matches = []
    for achievement in achievements:
        proposal = proposed[achievement.pk]
        found = facts.compare(offer_of(achievement, regions), need)
        part = fit(found)
        parts = {**proposal.parts, "words": round(proposal.score / 100, 4), "fit": part}
        score = combine(proposal.score, part)
        matches.append(Match(achievement=achievement, demand=demand, score=score, parts=parts, facts=found))
    matches.sort(key=lambda match: (-match.score, match.achievement_id))
    shown = matches[:SHOWN]
    for match in shown:
        match.shared_terms = index.explain(match.achievement_id, item)
        match.related_terms = index.relate(match.achievement_id, item)
    fitting = Silence(PRIOR, SHOWN_FROM, settings.MATCH_PER_DEMAND).shown(ranking.standing, shown)
    return Trial(fitting, [match for match in shown if all(match is not one for one in fitting)])


def _title(text: str) -> tuple[str, str]:
    """The first line; of a text in one line its first sentence or clause."""
    first, _, rest = text.partition("\n")
    if len(first) <= TITLE_CHARS:
        return first.strip(), rest.strip()
    cut = re.search(r"[。；！？;!?，,]", first)
    end = cut.start() if cut and cut.start() <= TITLE_CHARS else TITLE_CHARS
    return first[:end].strip(), text
