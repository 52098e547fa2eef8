"""评价申请: asked by the institution's office, accepted by the city with experts, or declined with a reason."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from audit.services import record
from audit.transitions import constraint_message, transition
from core.workdays import add_workdays
from mechanism.models import VALUES, Evaluation, EvaluationRequest, Expert
from mechanism.services.evaluations import open_evaluation
from mechanism.services.measures import require_city_staff
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

ANSWER_WORKDAYS = 10
"""For the city's answer to a request."""
Status = EvaluationRequest.Status


def request_evaluation(
    achievement: Achievement, *, purpose: str, evidence: str, relations: str, weights: Mapping[str, int], by: User
) -> EvaluationRequest:
    """Ask for an evaluation. weights: {value: percent}, sum 100; relations: who must not evaluate, one a line.

    Raises PermissionDenied unless the user is of the institution, ValidationError for an achievement that is not in the
    registry or is being evaluated already.
    """
    if not represents_institution(achievement, by):
        raise PermissionDenied("评价由成果完成单位的专员申请。")
    if achievement.status not in (*Achievement.SHOWN, Achievement.Status.PAUSED):
        raise ValidationError("成果入库以后才能申请评价。")
    if Evaluation.objects.filter(achievement=achievement, status=Evaluation.Status.ASKING).exists():
        raise ValidationError("这项成果正在评价。")
    asked = EvaluationRequest(
        achievement=achievement,
        purpose=purpose.strip(),
        evidence=evidence.strip(),
        relations=relations.strip(),
        asked_by=by,
        due_on=add_workdays(timezone.localdate(), ANSWER_WORKDAYS),
        **{f"{value}_weight": weights[value] for value in VALUES},
    )
    asked.full_clean()
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
            record("申请成果评价", asked, by=by, changes={"title": [None, achievement.title]})
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, EvaluationRequest)) from None
    return asked


def withdraw_request(asked: EvaluationRequest, *, by: User) -> None:
    """Raises PermissionDenied, ValidationError once it is answered."""
    if not represents_institution(asked.achievement, by):
        raise PermissionDenied("评价由成果完成单位的专员申请。")
    transition(
        asked,
        when={"status": Status.WAITING},
        values={"status": Status.WITHDRAWN},
        refusal="申请已经答复，不能撤回。",
        action="撤回评价申请",
        by=by,
        changes={"status": [Status.WAITING, Status.WITHDRAWN]},
    )


def declared_reasons(asked: EvaluationRequest, expert: Expert) -> list[str]:
    """Why the expert must not evaluate by what the institution declared: named, or of a unit that is named."""
    units = [expert.unit, *([expert.organisation.name] if expert.organisation else [])]
    return [
        f"完成单位声明应当回避“{name}”"
        for name in asked.declared_names
        if len(name) > 1 and (expert.name in name or any(name in unit or unit in name for unit in units if unit))
    ]


@transaction.atomic
def accept_request(asked: EvaluationRequest, *, experts: list[Expert], by: User) -> Evaluation:
    """Open the evaluation with the weights of the request. Raises PermissionDenied, ValidationError.

    Experts whom the institution declared are refused, as are those with a reason known to the platform.
    """
    require_city_staff(by)
    row = EvaluationRequest.objects.select_for_update(of=["self"]).select_related("achievement").get(pk=asked.pk)
    if not row.is_waiting:
        raise ValidationError("申请已经答复过，或者已经撤回。")
    faults = [
        f"{expert}应当回避：{'；'.join(reasons)}" for expert in experts if (reasons := declared_reasons(row, expert))
    ]
    if faults:
        raise ValidationError(faults)
    weights = {value: getattr(row, f"{value}_weight") for value in VALUES}
    evaluation = open_evaluation(row.achievement, experts=experts, weights=weights, by=by)
    _answer(row, Status.ACCEPTED, {"evaluation": evaluation}, by)
    _tell(row, "accepted", {"人数": str(len(experts))})
    asked.refresh_from_db()
    return evaluation


def decline_request(asked: EvaluationRequest, *, reason: str, by: User) -> None:
    """Raises PermissionDenied, ValidationError without a reason."""
    require_city_staff(by)
    reason = reason.strip()
    if len(reason) < 4:
        raise ValidationError("不受理请写明原因，例如“请先补充检测报告”。")
    _answer(asked, Status.DECLINED, {"answer": reason[:300]}, by)
    _tell(asked, "declined", {"原因": reason[:120]})


def _answer(asked: EvaluationRequest, status: str, values: dict[str, Any], by: User) -> None:
    transition(
        asked,
        when={"status": Status.WAITING},
        values={"status": status, "answered_by": by, "answered_at": timezone.now(), **values},
        refusal="申请已经答复过，或者已经撤回。",
        action="答复评价申请",
        by=by,
        changes={"status": [Status.WAITING, status]},
    )


def _tell(asked: EvaluationRequest, what: str, values: dict[str, str]) -> None:
    text = write_sentence(f"mechanism.evaluation_{what}", {"成果": asked.achievement.title[:60], **values})
    path, about = reverse("evaluation_requests"), f"evaluation request {asked.public_id}"
    notify([NoticeDraft(asked.asked_by_id, NoticeKind.PROGRESS, text, path, about, f"{about} answered")])
