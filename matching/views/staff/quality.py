"""匹配质量: how good the proposals were by the decisions of officers, in total, in parts, and where they were wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import UserRequest
from matching.evaluation import formatting
from matching.evaluation.decisions import DISTRICT, INDUSTRY, ROUND, judgments_from_decisions
from matching.evaluation.judgments import Judgment, JudgmentSet, group_by_part, subset
from matching.models import Decision, DemandResult, Match, MatchRun
from matching.readings.quality import ReaderQuality, reader_quality
from matching.reliability_plot import reliability_plot

if TYPE_CHECKING:
    from matching.engine.evaluation_report import ScoredJudgments

VIEW = "matching.view_matchrun"
RESAMPLES, RESAMPLES_OF_PART = 400, 100
MAX_DECISIONS = 5000
"""Only the latest decisions are evaluated, so that the page loads within seconds; the command evaluates all."""
MIN_DECISIONS_OF_PART = 10
"""A part with fewer decisions has no metrics: their intervals would be meaningless."""
MAX_PARTS = 14
"""Number of runs, districts or industries that are listed."""
MAX_MISPREDICTIONS = 20
METRICS_OF_PART = ("accepted@5", "first_good", "ndcg@10", "auc", "spearman", "ece")


@dataclass(frozen=True, slots=True)
class QualityRow:
    """Row of a table: name, number of pairs and demands, accepted share and metrics as text."""

    name: str
    pairs: int
    demands: int
    accepted: str
    figures: list[str]


@dataclass(frozen=True, slots=True)
class Misprediction:
    """A decided match whose predicted probability was far off. `praised`: predicted as accepted, but rejected."""

    case: Judgment
    praised: bool
    percent: str
    place: int

    @property
    def sentence(self) -> str:
        text = (
            "预计采纳 %(p)s，在该需求中排第 %(place)s，实际退回"
            if self.praised
            else "预计采纳 %(p)s，在该需求中排第 %(place)s，实际采纳"
        ) % {"p": self.percent, "place": self.place}
        return f"{text}：{self.case.reason}" if self.case.reason else text


@require_safe
def quality(request: UserRequest, extra_context: dict) -> HttpResponse:
    """Metrics over the decisions on the matches this user manages; with `?run=` only those of one run."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    matches = Match.objects.managed_by(request.user)
    runs = MatchRun.objects.exclude(kind=MatchRun.Kind.IMMEDIATE).filter(decisions__match__in=matches).distinct()
    wanted = request.GET.get("run", "")
    run = runs.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 12 else None
    chosen = matches.decided().filter(pk__in=Decision.objects.filter(run=run).values("match")) if run else matches
    cases = judgments_from_decisions(chosen.decided().order_by("-reviewed_at", "-pk")[:MAX_DECISIONS])
    context = extra_context | {
        "title": "匹配质量",
        "runs": runs,
        "run": run,
        "number": len(cases),
        "no_match_counts": _no_match_counts(request.user, run),
        "reader": _reader_quality(request.user, chosen, run),
        **(_figures(cases) if len(cases) else {}),
    }
    return render(request, "matching/staff/quality.html", context)


def _figures(cases: JudgmentSet) -> dict:
    from matching.engine.evaluation_report import evaluate, largest_errors, with_held_out_probabilities

    judged = with_held_out_probabilities(cases.score_with())
    report = evaluate(judged, resamples=RESAMPLES)
    return {
        "report": report,
        "calibrated": formatting.PROBABILITY_SOURCE_LABELS[report["calibrated"]],
        "figures": [
            (label, formatting.format_interval(name, report["figures"][name]), report["figures"][name]["number"])
            for name, label in formatting.METRIC_LABELS.items()
            if report["figures"].get(name, {}).get("value") is not None
        ],
        "reliability": [_with_labels(row) for row in report["reliability"]],
        "plot": reliability_plot(report["reliability"]),
        "heads": [formatting.METRIC_LABELS[name] for name in METRICS_OF_PART],
        "tables": [
            (title, rows)
            for part, title in ((ROUND, "按批次"), (DISTRICT, "按区市县"), (INDUSTRY, "按产业"))
            if len(rows := _rows_of_part(cases.rows, judged, part)) > 1
        ],
        "mispredictions": [
            Misprediction(
                cases.rows[miss["row"]], miss["kind"] == "praised", f"{miss['probability']:.0%}", miss["place"]
            )
            for miss in largest_errors(judged, MAX_MISPREDICTIONS)
        ],
    }


def _with_labels(row: dict) -> dict:
    """A row of the reliability table, with its numbers as text."""
    percent = {name: f"{row[name]:.0%}" for name in ("from", "to", "promised", "kept", "low", "high")}
    return row | {
        "range_label": f"{percent['from']}–{percent['to']}",
        "predicted_label": percent["promised"],
        "actual_label": "%(kept)s（%(low)s–%(high)s）" % percent,
    }


def _rows_of_part(cases: Sequence[Judgment], judged: "ScoredJudgments", part: str) -> list[QualityRow]:
    from matching.engine.evaluation_report import evaluate

    rows = []
    for name, chosen in list(group_by_part(cases, part).items())[:MAX_PARTS]:
        accepted = sum(cases[row].level >= 3 for row in chosen)
        figures = {}
        if len(chosen) >= MIN_DECISIONS_OF_PART:
            figures = evaluate(subset(judged, chosen), resamples=RESAMPLES_OF_PART)["figures"]
        rows.append(
            QualityRow(
                name=name or "未填",
                pairs=len(chosen),
                demands=len({cases[row].demand for row in chosen}),
                accepted=f"{accepted / len(chosen):.0%}",
                figures=[
                    formatting.format_interval(name, figures[name]) for name in METRICS_OF_PART if name in figures
                ],
            )
        )
    return rows


def _reader_quality(user: User, matches: QuerySet[Match], run: MatchRun | None) -> ReaderQuality | None:
    results = DemandResult.objects.visible_to(user)
    return reader_quality(matches, results.filter(run=run) if run else results)


def _no_match_counts(user: User, run: MatchRun | None) -> list[dict]:
    """Number of demands of the latest runs, and of those without any candidate."""
    results = DemandResult.objects.visible_to(user).exclude(run__kind=MatchRun.Kind.IMMEDIATE)
    rows = (results.filter(run=run) if run else results).values("run", "run__title", "run__engine")
    counted = rows.annotate(demands=Count("pk"), no_match=Count("pk", filter=Q(has_no_match=True)))
    return list(counted.order_by("-run")[:MAX_PARTS])
