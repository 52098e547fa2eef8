"""How good the second reader is by the decisions of officers: the figures of 匹配质量."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Func, IntegerField, Q, QuerySet, Sum

from matching.evaluation.resampling import Interval, share_with_interval, with_interval
from matching.models import DemandReading, DemandResult, Match, PairReading, RunReading
from matching.reader.agreement import quadratic_kappa
from matching.reader.answers import GRADES, WORTH_SENDING
from matching.reader.grade_probabilities import GradeProbabilities
from matching.readings.levels import GradedDecision, graded_decisions
from matching.readings.shown import GRADE_LABELS

MAX_RUNS = 14
RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class GradeRow:
    """Decisions on the pairs of one grade: number, accepted share, and the probability that the next run shows."""

    label: str
    number: int
    accepted: str
    predicted: str


@dataclass(frozen=True, slots=True)
class ModelQuality:
    """One model. `figures`: (label, value with interval, number it is based on)."""

    model: str
    grades: list[GradeRow]
    figures: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the reader did in one run, within the user's districts: demands read, left to the engine, and silent."""

    run: int
    title: str
    model: str
    read: int
    engine: int
    silent: int


@dataclass(frozen=True, slots=True)
class ReaderQuality:
    models: list[ModelQuality]
    runs: list[RunRow]


def reader_quality(matches: QuerySet[Match], results: QuerySet[DemandResult]) -> ReaderQuality | None:
    """Return the reader's figures over these matches and results; None if nobody has read anything."""
    if not RunReading.objects.exists():
        return None
    demands = results.values("demand")
    readings = PairReading.objects.filter(demand__in=demands, run__in=results.values("run"))
    statements = Func("statements", function="jsonb_array_length", output_field=IntegerField())
    counted = readings.values("model").annotate(valid=Sum(statements), void_ones=Sum("void")).order_by("model")
    by_model: dict[str, list[GradedDecision]] = defaultdict(list)
    for row in graded_decisions(matches):
        by_model[row.model].append(row)
    models = [
        _model_quality(row["model"], by_model[row["model"]], row["valid"] or 0, row["void_ones"] or 0)
        for row in counted
    ]
    return ReaderQuality(models, _runs(results))


def _model_quality(model: str, rows: Sequence[GradedDecision], valid: int, void: int) -> ModelQuality:
    decided = {grade: [row for row in rows if row.grade == grade] for grade in GRADES}
    accepted = {grade: sum(row.is_accepted for row in of_grade) for grade, of_grade in decided.items()}
    probabilities = GradeProbabilities({grade: (accepted[grade], len(decided[grade])) for grade in GRADES})
    worth_sending = [row for row in rows if row.grade >= WORTH_SENDING]
    groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        groups[row.demand_id].append((3 * (row.grade >= WORTH_SENDING), 3 * row.is_accepted))
    figures = [
        (
            "评为 2 或 3 的，被采纳",
            share_with_interval(sum(row.is_accepted for row in worth_sending), len(worth_sending)),
        ),
        ("评为 0 或 1 的，仍被采纳", share_with_interval(accepted[0] + accepted[1], len(decided[0]) + len(decided[1]))),
        ("与审核决定一致（kappa）", with_interval(list(groups.values()), quadratic_kappa, RESAMPLES)),
        ("引文与原文不符的陈述", share_with_interval(void, valid + void)),
    ]
    return ModelQuality(
        model=model,
        grades=[
            GradeRow(
                label=f"{grade} {GRADE_LABELS[grade]}",
                number=len(decided[grade]),
                accepted=_percent(share_with_interval(accepted[grade], len(decided[grade]))),
                predicted=f"{probabilities(grade):.0%}",
            )
            for grade in reversed(GRADES)
        ],
        figures=[
            (label, _number(figure) if "kappa" in label else _percent(figure), int(figure["number"] or 0))
            for label, figure in figures
            if figure["value"] is not None
        ],
    )


def _runs(results: QuerySet[DemandResult]) -> list[RunRow]:
    rows = DemandReading.objects.filter(demand__in=results.values("demand"), run__in=results.values("run")).exclude(
        outcome=""
    )
    counted = (
        rows.values("run", "run__title", "run__reading__model")
        .annotate(read=Count("pk", filter=Q(outcome="read")), engine=Count("pk", filter=Q(outcome="engine")))
        .order_by("-run_id")[:MAX_RUNS]
    )
    listed = list(counted)
    silent = dict(
        results.filter(run__in=[row["run"] for row in listed], has_no_match=True)
        .order_by()
        .values_list("run")
        .annotate(number=Count("pk"))
    )
    return [
        RunRow(
            run=row["run"],
            title=row["run__title"],
            model=row["run__reading__model"] or "",
            read=row["read"],
            engine=row["engine"],
            silent=silent.get(row["run"], 0),
        )
        for row in listed
    ]


def _percent(figure: Interval) -> str:
    if figure["value"] is None:
        return "—"
    return f"{figure['value']:.0%}（{figure['low']:.0%}–{figure['high']:.0%}）"


def _number(figure: Interval) -> str:
    return f"{figure['value']:.2f}（{figure['low']:.2f}–{figure['high']:.2f}）"
