"""What everybody may see of evaluations and trials, on the pages of achievements and bases.

An evaluation is its institution's own until it publishes the result, a trial the applicant's. Even then texts, marks,
data, costs, files and the names of experts and applicants stay with those who could read them before.
"""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.scope import scope_of
from mechanism.evaluation import grade_of
from mechanism.models import Base, Evaluation, Opinion, TrialResult
from mechanism.services.evaluations import evaluation_result

SHOWN = 20


@dataclass(frozen=True)
class PublicTrial:
    """achievement: only one that everybody may read."""

    base: Base
    outcome: str
    finished_on: date
    level: int | None
    scale: str
    achievement: Achievement | None


@dataclass(frozen=True)
class EvaluationSummary:
    """A finished evaluation as one reader may see it.

    total: weighted mean, 0–100, and conclusion: only for its institution, the city and auditors, as `is_detailed`
    says; report_url, page_url: empty for those who may not open them.
    """

    evaluation: Evaluation
    grade: str
    finished_on: date | None
    organiser: str
    experts: int
    recused: int
    is_detailed: bool
    total: float | None
    conclusion: str
    report_url: str
    page_url: str
    may_publish: bool


def public_trials(*, base: Base | None = None, achievement: Achievement | None = None) -> list[PublicTrial]:
    rows = TrialResult.objects.public().select_related("request__base", "request__achievement")
    if base is not None:
        rows = rows.filter(request__base=base)
    if achievement is not None:
        rows = rows.filter(request__achievement=achievement)
    results = list(rows[:SHOWN])
    ids = [result.request.achievement_id for result in results if result.request.achievement_id]
    readable = Achievement.objects.published().in_bulk(ids) if base is not None else {}
    return [
        PublicTrial(
            result.request.base,
            result.get_outcome_display(),
            result.finished_on,
            result.maturity_level,
            result.get_maturity_scale_display() if result.maturity_scale else "",
            readable.get(result.request.achievement_id) if result.request.achievement_id else None,
        )
        for result in results
    ]


def evaluations_of(achievement: Achievement, user: User | AnonymousUser) -> list[EvaluationSummary]:
    """The finished evaluations that the user may see: all for the institution and the city, else the published ones."""
    own = Evaluation.objects.visible_to(user).finished().filter(achievement=achievement)
    public = Evaluation.objects.public().filter(achievement=achievement)
    details = set(own.values_list("pk", flat=True))
    rows = (own | public).distinct().select_related("opened_by").order_by("-finished_at", "-pk")
    scope = scope_of(user)
    return [_summary(row, user, is_detailed=row.pk in details, sees_all=scope.sees_all) for row in rows[:SHOWN]]


def _organiser(row: Evaluation) -> str:
    """The office whose officer opened the evaluation."""
    cities = Organisation.objects.filter(kind=Organisation.Kind.CITY)
    office = cities.filter(memberships__user=row.opened_by_id).order_by("pk").first()
    return office.name if office else str(Organisation.Kind.CITY.label)


def _summary(row: Evaluation, user: User | AnonymousUser, *, is_detailed: bool, sees_all: bool) -> EvaluationSummary:
    result = evaluation_result(row)
    statuses = list(row.opinions.values_list("status", flat=True))
    institution = row.achievement.institution_id in scope_of(user).institution_ids
    page = reverse("admin:mechanism_evaluation_page", args=[row.public_id]) if sees_all else ""
    return EvaluationSummary(
        row,
        grade_of(result.total) if result else "",
        timezone.localdate(row.finished_at) if row.finished_at else None,
        _organiser(row),
        statuses.count(Opinion.Status.MARKED),
        statuses.count(Opinion.Status.RECUSED),
        is_detailed,
        result.total if result and is_detailed else None,
        row.conclusion if is_detailed else "",
        reverse("evaluation_report", args=[row.public_id]) if is_detailed else "",
        page,
        institution,
    )
