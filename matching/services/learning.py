"""Learn from decisions, enable and disable a learned ranker, lift the effect of a single decision."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import Decision, Learned, LiftedEffect
from matching.models.learning import checksum
from matching.services.decisions import require_reviewer

if TYPE_CHECKING:
    from matching.engine.ranker import Example

WINNING_METRICS = ("auc", "ndcg@10", "accepted@5")
"""A ranker wins if it is significantly better in one of these metrics and significantly worse in none."""


@transaction.atomic
def fit_levels(*, by: User | None = None) -> Learned | None:
    """Calibrate levels by the decisions so far; the calibration applies from the next run.

    Returns None if there are too few decisions or no new ones.
    """
    from matching.engine.calibration import fit_calibrator, has_enough_decisions
    from matching.learning.training_examples import training_examples

    engine = settings.MATCH_ENGINE
    examples = training_examples(engine, for_levels=True)
    accepted, groups = [example.accepted for example in examples], [example.group for example in examples]
    if not has_enough_decisions(accepted, groups):
        return None
    scores = [example.score for example in examples]
    parameters = {"scale": fit_calibrator(scores, accepted, groups).as_json()}
    last = Learned.objects.in_force(Learned.Kind.LEVELS, engine)
    if last and last.is_intact and last.checksum == checksum(parameters):
        return None
    Learned.objects.filter(kind=Learned.Kind.LEVELS, engine=engine, is_in_force=True).update(is_in_force=False)
    row = Learned.objects.create(
        kind=Learned.Kind.LEVELS,
        engine=engine,
        parameters=parameters,
        checksum=checksum(parameters),
        figures=_level_figures(scores, examples),
        decisions=len(examples),
        is_winner=True,
        is_in_force=True,
        switched_at=timezone.now(),
    )
    record("校准级别", row, by=by, changes={"decisions": [last.decisions if last else None, len(examples)]})
    return row


@transaction.atomic
def train_ranker(*, by: User | None = None) -> Learned | None:
    """Train a ranker on all decisions and compare it with the base method on held-out demands.

    The result is stored whether it wins or not and changes nothing until somebody enables it. Returns None if there are
    too few decisions or no new ones.
    """
    from matching.engine.calibration import fit_calibrator
    from matching.engine.evaluation_report import ScoredJudgments, compare, evaluate
    from matching.engine.ranker import cross_validated_scores, has_enough_decisions, reliable_examples, train
    from matching.learning.training_examples import training_examples

    engine = settings.MATCH_ENGINE
    decided = training_examples(engine)
    examples = reliable_examples(decided) if has_enough_decisions(decided) else []
    if not has_enough_decisions(examples):
        return None
    scores = cross_validated_scores(examples)
    levels = [4 if example.accepted else 1 for example in examples]
    groups = [example.group for example in examples]
    prior = ScoredJudgments(engine, [example.score for example in examples], levels, demands=groups, groups=groups)
    learned = ScoredJudgments("learned", scores, levels, demands=groups, groups=groups)
    differences = compare(prior, learned)
    scale = fit_calibrator(scores, [example.accepted for example in examples], groups)
    parameters = {"ranker": train(decided).as_json(), "scale": scale.as_json()}
    last = Learned.objects.filter(kind=Learned.Kind.RANKER, engine=engine).first()
    if last and last.checksum == checksum(parameters):
        return None
    row = Learned.objects.create(
        kind=Learned.Kind.RANKER,
        engine=engine,
        parameters=parameters,
        checksum=checksum(parameters),
        figures={
            "prior": evaluate(prior)["figures"],
            "learned": evaluate(learned)["figures"],
            "differences": differences,
            **_level_figures(scores, examples),
        },
        decisions=len(decided),
        is_winner=has_won(differences),
    )
    record("学习排序", row, by=by, changes={"decisions": [None, len(decided)], "is_winner": [None, row.is_winner]})
    return row


def has_won(differences: dict[str, dict[str, Any]]) -> bool:
    """Whether the comparison is significantly better in one of WINNING_METRICS and significantly worse in none."""
    wins = [differences[name]["wins"] for name in WINNING_METRICS if name in differences]
    return "other" in wins and "one" not in wins


@transaction.atomic
def enable_ranker(row: Learned, *, by: User) -> None:
    """Use this ranker from the next run. Raises PermissionDenied, ValidationError unless it is intact and has won."""
    _require_may_switch(by)
    if row.kind != Learned.Kind.RANKER or not row.is_winner:
        raise ValidationError("“%(row)s”没有明显优于基础方法，不能启用。" % {"row": row})
    if not row.is_intact:
        raise ValidationError("“%(row)s”的参数已损坏，不能启用。请重新学习。" % {"row": row})
    of_same_kind = Learned.objects.filter(kind=row.kind, engine=row.engine)
    of_same_kind.filter(is_in_force=True).exclude(pk=row.pk).update(is_in_force=False)
    now = timezone.now()
    if not Learned.objects.filter(pk=row.pk, is_in_force=False).update(
        is_in_force=True, switched_at=now, switched_by=by
    ):
        raise ValidationError("“%(row)s”已在使用。" % {"row": row})
    record("启用学习排序", row, by=by, changes={"is_in_force": [False, True]})
    row.refresh_from_db()


@transaction.atomic
def disable_ranker(row: Learned, *, by: User) -> None:
    """Return to the base method from the next run. Raises PermissionDenied, ValidationError if it is not in use."""
    _require_may_switch(by)
    switched = Learned.objects.filter(pk=row.pk, kind=Learned.Kind.RANKER, is_in_force=True)
    if not switched.update(is_in_force=False, switched_at=timezone.now(), switched_by=by):
        raise ValidationError("“%(row)s”没有在使用。" % {"row": row})
    record("停用学习排序", row, by=by, changes={"is_in_force": [True, False]})
    row.refresh_from_db()


@transaction.atomic
def lift_effect(decision: Decision, *, by: User, reason: str) -> LiftedEffect:
    """Stop a decision from changing future proposals; the decision itself stays valid.

    Raises PermissionDenied outside the own district, ValidationError without a reason or if it was lifted before.
    """
    require_reviewer(decision.match, by)
    if not reason.strip():
        raise ValidationError("请写明解除的理由。")
    row, is_new = LiftedEffect.objects.get_or_create(decision=decision, defaults={"by": by, "reason": reason[:200]})
    if not is_new:
        raise ValidationError("这项影响已由%(who)s解除。" % {"who": row.by})
    record("解除审核影响", decision.match, by=by, changes={"reason": [None, reason[:200]]})
    return row


def _require_may_switch(by: User) -> None:
    if not by.has_perm("matching.switch_ranker"):
        raise PermissionDenied("只有市级专员可以切换匹配方法。")


def _level_figures(scores: Sequence[float], examples: "Sequence[Example]") -> dict[str, Any]:
    """Number and accepted share of each level, computed with scales that were not fitted on the same group."""
    from matching.engine.calibration import cross_fitted_probabilities
    from matching.engine.candidates import LEVELS, level_of

    accepted = [example.accepted for example in examples]
    probabilities = cross_fitted_probabilities(scores, accepted, [example.group for example in examples])
    words = [level_of(value) for value in probabilities]
    levels = {}
    for level in LEVELS:
        kept = [yes for yes, word in zip(accepted, words, strict=True) if word == level]
        levels[level] = {"number": len(kept), "accepted": round(sum(kept) / len(kept), 4) if kept else None}
    return {"levels": levels}
