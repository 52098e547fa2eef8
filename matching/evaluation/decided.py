"""What officers decided about matches, as judged pairs."""

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.evaluation.asking import Registry, ask_about
from matching.evaluation.cases import Case, Cases
from matching.learning.examples import near_copies, verdicts_that_stand
from matching.models import Decision, Match

ROUND, DISTRICT, INDUSTRY = "批次", "区市县", "产业"
AS_DECIDED = "as decided"
"""In place of an engine's name: the scores that officers had before them, whatever engine made them."""

ACCEPTED, RELATED, FOREIGN = 4, 2, 1
"""Levels: an accepted pair; one given back for an indicator, a stage, a price; one given back as of another field."""


def decided(matches=None) -> Cases:
    """The verdict that stands on each decided match of a queryset of matches (all, unless given); doubles left out."""
    rows = list(
        verdicts_that_stand(matches).select_related(
            "run", "match__achievement", "match__demand__industry", "match__demand__firm__stat_region"
        )
    )
    groups = near_copies({row.match.demand_id for row in rows})
    cases = [_case(row, groups) for row in rows]

    def ask(engine: str = AS_DECIDED):
        from matching.engine.report import Judged

        given = {
            "engine": engine,
            "levels": [case.level for case in cases],
            "demands": [case.demand for case in cases],
            "groups": [case.group for case in cases],
        }
        if engine == AS_DECIDED:
            return Judged(scores=[row.score for row in rows], **given)
        found = ask_about(_registry(cases), [(case.achievement, case.demand) for case in cases], engine)
        return Judged(
            scores=found.scores, silence=found.silence, silent=found.silent, standings=found.standings, **given
        )

    return Cases("审核决定", cases, ask)


def _case(row: Decision, groups: dict[int, int]) -> Case:
    match, demand = row.match, row.match.demand
    given_back = FOREIGN if match.reject_reason == Match.RejectReason.FIELD else RELATED
    return Case(
        demand=demand.pk,
        achievement=match.achievement_id,
        group=groups[demand.pk],
        level=ACCEPTED if match.status == Match.Status.ACCEPTED else given_back,
        demand_title=demand.title,
        achievement_title=match.achievement.title,
        reason=match.get_reject_reason_display() or match.review_note,
        parts={
            ROUND: row.run.title,
            DISTRICT: str(demand.firm.stat_region or ""),
            INDUSTRY: str(demand.industry or ""),
        },
        match=match.pk,
    )


def _registry(cases: list[Case]) -> Registry:
    """What is on offer now, and what was judged."""
    judged = {case.achievement for case in cases}
    offered = set(Achievement.objects.available().values_list("pk", flat=True))
    achievements = Achievement.objects.select_related("institution").prefetch_related("indicators")
    demands = Demand.objects.select_related("firm").prefetch_related("indicators")
    return Registry(
        achievements=achievements.in_bulk(offered | judged),
        demands=demands.in_bulk({case.demand for case in cases}),
        regions=dict(Region.objects.values_list("pk", "name")),
        today=timezone.localdate(),
    )
