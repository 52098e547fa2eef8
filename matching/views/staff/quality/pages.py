"""The page 匹配质量: what the matching was worth to those who decided, whole and in parts, and where it was wrong."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matching.evaluation import formatting
from matching.evaluation.decisions import DISTRICT, INDUSTRY, ROUND, judgments_from_decisions
from matching.evaluation.judgments import Judgment, group_by_part, subset
from matching.models import Decision, Finding, Match, MatchRun
from matching.views.staff.quality.reliability_plot import reliability_plot

VIEW = "matching.view_matchrun"
RESAMPLES, RESAMPLES_OF_PART = 400, 100
MOST = 5000
"""Of more decisions only the latest are counted: a page must come within seconds. The command counts all."""
LEAST = 10
"""Fewer decisions than this have no figures of their own: an interval over three of them would only look like one."""
LARGEST = 14
"""So many rounds, districts or industries have a line of their own."""
WORST = 20
SHOWN_OF_PART = ("accepted@5", "first_good", "ndcg@10", "auc", "spearman", "ece")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its name, how many pairs and needs, which share was accepted, its figures as text."""

    name: str
    pairs: int
    needs: int
    accepted: str
    figures: list[str]


@dataclass(frozen=True, slots=True)
class Miss:
    """A decided match about which the engine was far off."""

    case: Judgment
    praised: bool
    percent: str
    place: int


@require_safe
def quality(request, extra_context: dict):
    """Figures over the decisions this user may see; `?run=` only those of one batch."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    matches = Match.objects.managed_by(request.user)
    runs = MatchRun.objects.filter(decisions__match__in=matches).distinct()
    wanted = request.GET.get("run", "")
    run = runs.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 12 else None
    chosen = matches.decided().filter(pk__in=Decision.objects.filter(run=run).values("match")) if run else matches
    cases = judgments_from_decisions(chosen.decided().order_by("-reviewed_at", "-pk")[:MOST])
    context = extra_context | {
        "title": _("匹配质量"),
        "runs": runs,
        "run": run,
        "number": len(cases),
        "silences": _silences(request.user, run),
        **(_figures(cases) if len(cases) else {}),
    }
    return render(request, "matching/staff/quality.html", context)


def _figures(cases) -> dict:
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
        "reliability": [_said(line) for line in report["reliability"]],
        "picture": reliability_plot(report["reliability"]),
        "heads": [formatting.METRIC_LABELS[name] for name in SHOWN_OF_PART],
        "tables": [
            (title, lines)
            for part, title in ((ROUND, _("按批次")), (DISTRICT, _("按区市县")), (INDUSTRY, _("按产业")))
            if len(lines := _lines(cases.rows, judged, part)) > 1
        ],
        "misses": [
            Miss(cases.rows[one["row"]], one["kind"] == "praised", f"{one['probability']:.0%}", one["place"])
            for one in largest_errors(judged, WORST)
        ],
    }


def _said(line: dict) -> dict:
    return line | {
        "words": f"{line['from']:.0%}–{line['to']:.0%}",
        "promised_words": f"{line['promised']:.0%}",
        "kept_words": _("%(kept)s（%(low)s–%(high)s）")
        % {name: f"{line[name]:.0%}" for name in ("kept", "low", "high")},
    }


def _lines(rows, judged, part: str) -> list[Line]:
    from matching.engine.evaluation_report import evaluate

    lines = []
    for name, chosen in list(group_by_part(rows, part).items())[:LARGEST]:
        accepted = sum(rows[row].level >= 3 for row in chosen)
        figures = (
            evaluate(subset(judged, chosen), resamples=RESAMPLES_OF_PART)["figures"] if len(chosen) >= LEAST else {}
        )
        lines.append(
            Line(
                name=name or _("未填"),
                pairs=len(chosen),
                needs=len({rows[row].demand for row in chosen}),
                accepted=f"{accepted / len(chosen):.0%}",
                figures=[formatting.format_interval(name, figures[name]) for name in SHOWN_OF_PART if name in figures],
            )
        )
    return lines


def _silences(user, run: MatchRun | None) -> list[dict]:
    """Of the latest batches: how many needs took part, and to how many 暂无高匹配 was said."""
    findings = Finding.objects.visible_to(user)
    rows = (findings.filter(run=run) if run else findings).values("run", "run__title", "run__engine")
    counted = rows.annotate(needs=Count("pk"), silent=Count("pk", filter=Q(is_silent=True)))
    return list(counted.order_by("-run")[:LARGEST])
