"""Candidates for the featured list: all available achievements with the facts that the scoring reads."""

from collections import Counter, defaultdict

from django.db.models import Count, F, Q, QuerySet

from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from rounds.featured import Candidate
from rounds.featured.rules import MAX_REST
from rounds.models import DockingRound, FeaturedAchievement
from taxonomy.models import Industry, MaturityBucket, MaturityScale

PROMISING_MATCHES = Q(level=Match.Level.HIGH) | Q(level="", score__gte=60)
"""Matches awaiting review that count for an achievement: those likely to be accepted."""
MATURITY_BY_STAGE: dict[str, str] = {
    Achievement.Stage.EARLY: MaturityBucket.CONCEPT,
    Achievement.Stage.MIDDLE: MaturityBucket.LAB,
    Achievement.Stage.MATURE: MaturityBucket.PILOT,
}
"""Maturity of an achievement without a level. A stage is less precise, so the lower neighbour is taken."""
SCALE_LABELS: dict[str, str] = {
    MaturityScale.TRL9: "TRL %d",
    MaturityScale.GBT37264: "GB/T 37264 %d 级",
    MaturityScale.GBT22900_13: "GB/T 22900 %d 级",
}


def candidates_for(docking_round: DockingRound) -> list[Candidate]:
    """Return the candidates of a round in a fixed number of queries."""
    achievements = Achievement.objects.available().exclude(willingness=Achievement.Willingness.UNWILLING)
    achievements = achievements.select_related("institution", "industry__parent").defer(
        "summary", "innovation", "scenario", "economics"
    )
    accepted = _demands_by_achievement(Match.objects.accepted())
    waiting = _demands_by_achievement(Match.objects.awaiting_review().filter(PROMISING_MATCHES))
    around = _demands_by_industry()
    shown = _earlier_presentations(docking_round)
    return [
        _candidate(
            achievement,
            accepted[achievement.pk],
            waiting[achievement.pk],
            around[_top_industry(achievement.industry).pk],
            tuple(shown[achievement.pk]),
        )
        for achievement in achievements
    ]


def _candidate(
    achievement: Achievement, accepted: int, waiting: int, around: int, shown: tuple[tuple[int, str], ...]
) -> Candidate:
    industry = _top_industry(achievement.industry)
    has_level = bool(achievement.maturity_bucket)
    return Candidate(
        key=achievement.public_id,
        title=achievement.title,
        institution=str(achievement.institution_id),
        institution_name=achievement.institution.name,
        industry=str(industry.pk),
        industry_name=industry.name,
        maturity=achievement.maturity_bucket or MATURITY_BY_STAGE[achievement.stage],
        level=SCALE_LABELS[achievement.maturity_scale] % achievement.maturity_level
        if has_level
        else achievement.get_stage_display(),
        has_evidence=has_level and bool(achievement.maturity_evidence),
        words=" ".join([achievement.title, *achievement.keywords]),
        industry_words=_industry_words(achievement.industry) + _industry_words(industry),
        accepted=accepted,
        waiting=waiting,
        industry_needs=around,
        shown=shown,
    )


def _top_industry(industry: Industry) -> Industry:
    """Quotas count industries of the first level."""
    return industry.parent or industry


def _industry_words(industry: Industry) -> tuple[str, ...]:
    return (industry.name, *(word.strip() for word in industry.aliases.split("、") if len(word.strip()) > 1))


def _demands_by_achievement(matches: QuerySet[Match]) -> Counter[int]:
    """Return {achievement: number of open demands that these matches pair with it}."""
    counted = matches.filter(demand__in=Demand.objects.open()).order_by().values("achievement")
    rows = counted.annotate(number=Count("demand", distinct=True)).values_list("achievement", "number")
    return Counter(dict(rows))


def _demands_by_industry() -> Counter[int]:
    """Return {industry of the first level: number of open demands}."""
    rows = Demand.objects.open().exclude(industry=None).order_by().values("industry", parent=F("industry__parent"))
    counts: Counter[int] = Counter()
    for row in rows.annotate(number=Count("pk")):
        counts[row["parent"] or row["industry"]] += row["number"]
    return counts


def _earlier_presentations(docking_round: DockingRound) -> dict[int, list[tuple[int, str]]]:
    """Return {achievement: [(rounds back, name of the round)]}."""
    earlier = DockingRound.objects.filter(starts_at__lt=docking_round.starts_at).exclude(pk=docking_round.pk)
    rounds = list(earlier.order_by("-starts_at", "-pk").values_list("pk", "name")[:MAX_REST])
    back = {pk: (number, name) for number, (pk, name) in enumerate(rounds, start=1)}
    presented = defaultdict(list)
    rows = FeaturedAchievement.objects.filter(docking_round__in=back).order_by(
        "docking_round__starts_at", "docking_round"
    )
    for round_id, achievement in rows.values_list("docking_round", "achievement"):
        presented[achievement].append(back[round_id])
    return presented
