"""What an owner does with ticked records on its list, or with one on its page. Each step calls one service for each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model

from accounts.models import User
from achievements.models import Achievement
from achievements.services.lifecycle import (
    delete_draft,
    pause_achievement,
    reinstate_achievement,
    withdraw_achievement,
)
from achievements.services.publication import renew_achievement
from achievements.services.review import INSTITUTION_SUBMITTABLE, recall_achievement, submit_achievement
from achievements.services.revisions import pending_revision, withdraw_revision
from demands.models import Demand
from demands.services.lifecycle import close_demand
from demands.services.pauses import pause_demand, resume_demand
from demands.services.review import recall_demand, submit_demand
from demands.services.validity import extend_demand
from portal.record_kinds import RecordKind

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class RecordStep:
    """`statuses`: from which the step is offered; the service decides. `hint`: what it means, shown before it."""

    name: str
    label: str
    done: str
    statuses: tuple[str, ...]
    service: Callable[..., Any]
    hint: str = ""
    reason_label: str = ""
    """Label of the reason that the step asks for; empty if it needs none."""
    ends: bool = False
    """Whether the button ends something."""
    is_listed: bool = True
    """Whether the list offers it for ticked records; otherwise only the page of a record does."""


def _steps(*steps: RecordStep) -> dict[str, RecordStep]:
    return {step.name: step for step in steps}


def _withdraw_revision(achievement: Achievement, *, by: User) -> None:
    revision = pending_revision(achievement)
    if revision is None:
        raise ValidationError("没有等待核对的修改，可能已经处理过了。")
    withdraw_revision(revision, by=by)


A, D = Achievement.Status, Demand.Status
STEPS: dict[str, dict[str, RecordStep]] = {
    "achievement": _steps(
        RecordStep("submit", "提交审核", "已提交", INSTITUTION_SUBMITTABLE, submit_achievement, "由市科技局审核。"),
        RecordStep(
            "recall",
            "撤回提交",
            "已撤回",
            (A.CITY_REVIEW,),
            recall_achievement,
            "撤回后回到草稿，可以修改后再提交；市科技局已经处理的不能撤回。",
        ),
        RecordStep(
            "renew",
            "续期两年",
            "已续期",
            (*Achievement.OFFERED, A.PAUSED),
            renew_achievement,
            "有效期从今天起算两年。请先确认内容仍然属实、专利仍然有效。",
        ),
        RecordStep(
            "pause",
            "暂停对接",
            "已暂停",
            Achievement.OFFERED,
            pause_achievement,
            "暂停后不公开、不参与匹配；已经排好的洽谈不取消，随时可以恢复。",
            "为什么暂停",
        ),
        RecordStep("resume", "恢复", "已恢复", (A.PAUSED,), reinstate_achievement, "恢复后重新公开并参与匹配。"),
        RecordStep(
            "withdraw",
            "下架",
            "已下架",
            (A.INSTITUTION_REVIEW, A.CITY_REVIEW, *Achievement.OFFERED, A.PAUSED),
            withdraw_achievement,
            "下架后不再公开，只有市科技局可以恢复。只是暂时不谈，请用“暂停对接”。",
            "为什么下架",
            ends=True,
        ),
        RecordStep(
            "withdraw_revision",
            "撤回修改",
            "已撤回修改：",
            Achievement.REVISABLE,
            _withdraw_revision,
            "撤回后，公开的仍是原文。",
            is_listed=False,
        ),
        RecordStep(
            "delete",
            "删除草稿",
            "已删除",
            (A.DRAFT,),
            delete_draft,
            "只删除没有入库的草稿。误删时，请联系市科技局恢复。",
            ends=True,
        ),
    ),
    "demand": _steps(
        RecordStep("submit", "提交审核", "已提交", (D.DRAFT,), submit_demand, "提交后由区县科技部门初审。"),
        RecordStep(
            "recall",
            "撤回提交",
            "已撤回",
            (D.DISTRICT_REVIEW,),
            recall_demand,
            "撤回后回到草稿，可以修改后再提交；区县已经处理的不能撤回。",
        ),
        RecordStep(
            "extend", "延长一年", "已延长", Demand.REVISABLE, extend_demand, "有效期从今天起算一年，不需要审核。"
        ),
        RecordStep(
            "pause",
            "暂停",
            "已暂停",
            Demand.OPEN,
            pause_demand,
            "暂停后不公开、不参与匹配；已经排好的洽谈不取消，随时可以恢复。",
            "为什么暂停",
        ),
        RecordStep("resume", "恢复公开", "已恢复", (D.PAUSED,), resume_demand, "恢复后重新公开并参与匹配。"),
        RecordStep(
            "close",
            "关闭",
            "已关闭",
            tuple(status for status in D if status not in (D.SOLVED, D.CLOSED)),
            close_demand,
            "关闭后不再公开；重新打开要再经过一次初审。",
            "为什么关闭",
            ends=True,
        ),
    ),
}


@dataclass(frozen=True)
class StepResult:
    done: int
    refused: list[str]
    """A sentence for each record that the service refused, with its title."""


def offered_steps(kind: RecordKind, statuses: Iterable[str]) -> list[RecordStep]:
    """The steps that at least one of these statuses allows."""
    present = set(statuses)
    return [step for step in STEPS[kind.name].values() if step.is_listed and present & set(step.statuses)]


def apply_step(step: RecordStep, records: Iterable[Model], *, by: User, reason: str = "") -> StepResult:
    """Call the service for each record in a transaction of its own, so that one refusal does not undo the others."""
    done, refused = 0, []
    values = {"reason": reason} if step.reason_label else {}
    for record in records:
        try:
            with transaction.atomic():
                step.service(record, by=by, **values)
            done += 1
        except ValidationError as error:
            refused.append(f"“{record}”：{'；'.join(error.messages)}")
        except PermissionDenied:
            refused.append(f"“{record}”：不是您单位的，不能{step.label}。")
    return StepResult(done, refused)
