"""堵点: raise, give to an office, answer, say whether it is solved, publish the answer without names."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from core.public_text import personal_data_message, personal_finds
from core.workdays import add_workdays
from deals.models import Deal
from matching.models import FollowUp
from mechanism.models import OFFICES, BaseRequest, Obstacle, ObstacleKind, Policy
from mechanism.obstacle_texts import find_names
from mechanism.services.measures import require_city_staff
from mechanism.services.obstacle_notices import (
    notify_answered,
    notify_assigned,
    notify_judged,
    notify_raised,
    withdraw_obstacle_notices,
)
from mechanism.services.reported_obstacles import ReportedBy, check_reported

Status = Obstacle.Status
MAX_OPEN = 20
"""Obstacles of one organisation that may be open at the same time."""
MAX_A_DAY = 10
"""Obstacles that one user may raise in a day."""
ANSWER_WORKDAYS = 10
"""Working days for the answer, if the city names no day."""
LATEST = timedelta(days=180)


@dataclass(frozen=True)
class Concern:
    """What an obstacle is about: at most one record, a policy, and an office, which reads it."""

    follow_up: FollowUp | None = None
    deal: Deal | None = None
    base_request: BaseRequest | None = None
    policy: Policy | None = None
    about: Organisation | None = None


NOTHING = Concern()


def organisations_for(user: User) -> list[Organisation]:
    """The organisations for which the user may raise an obstacle. Auditors and administrators raise none."""
    scope = user.scope
    own = scope.institution_ids | scope.firm_ids | scope.agency_ids | scope.bureau_ids
    rows = Membership.objects.filter(user=user).select_related("organisation").order_by("organisation__name")
    offices = {Organisation.Kind.DISTRICT: scope.is_district, Organisation.Kind.CITY: scope.is_city}
    organisations = [row.organisation for row in rows]
    return list(
        {row.pk: row for row in organisations if row.pk in own or offices.get(Organisation.Kind(row.kind))}.values()
    )


@transaction.atomic
def raise_obstacle(
    *,
    organisation: Organisation,
    kind: ObstacleKind,
    text: str,
    by: User,
    concern: Concern = NOTHING,
    reported: ReportedBy | None = None,
) -> Obstacle:
    """Raise an obstacle for an organisation of the actor, or write down for an office what another one has `reported`.

    Raises PermissionDenied, ValidationError.
    """
    if reported is not None:
        reported = check_reported(reported, organisation, by)
    elif organisation.pk not in {row.pk for row in organisations_for(by)}:
        raise PermissionDenied("您不能代表这个单位提出堵点。")
    _check_visible(concern, by)
    if concern.about is not None and concern.about.kind not in OFFICES:
        raise ValidationError("“%(name)s”不是政府部门。" % {"name": concern.about})
    if not kind.is_active:
        raise ValidationError("“%(kind)s”类已停用，请选别的类别。" % {"kind": kind})
    Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)  # counts one at a time
    if Obstacle.objects.filter(organisation=organisation, status__in=Obstacle.OPEN).count() >= MAX_OPEN:
        raise ValidationError("贵单位已有 %(most)d 条堵点在办，请先看答复或撤回不需要的。" % {"most": MAX_OPEN})
    obstacle = Obstacle(
        organisation=organisation,
        kind=kind,
        text=clean_required_text(text, "请写明遇到什么，例如“作价入股要报两个部门批，三个月没有结果”。", 1000),
        raised_by=by,
        **{name: getattr(concern, name) for name in ("follow_up", "deal", "base_request", "policy", "about")},
        **({"recording_office": reported.office, "told_by": reported.by, "told_on": reported.on} if reported else {}),
    )
    obstacle.full_clean()
    own = Obstacle.objects.filter(raised_by=by, recording_office=None)
    if reported is None and own.filter(raised_at__gt=timezone.now() - timedelta(days=1)).count() >= MAX_A_DAY:
        raise ValidationError("您一天里已提出 %(most)d 条，请明天再提，或合成一条写。" % {"most": MAX_A_DAY})
    obstacle.save(force_insert=True)
    changes = {"kind": [None, str(kind)], "text": [None, obstacle.text[:200]]}
    if reported:
        changes |= {"recording_office": [None, str(reported.office)], "told_by": [None, reported.by]}
    record("代录堵点" if reported else "提出堵点", obstacle, by=by, changes=changes)
    notify_raised(obstacle)
    return obstacle


@transaction.atomic
def assign_obstacle(
    obstacle: Obstacle, *, solver: Organisation, by: User, handler: User | None = None, due_on: date | None = None
) -> None:
    """Give it to an office, and to a person of it; also what was given before and what is not solved.

    An answer that did not solve it is no longer published: the office writes another one. Raises PermissionDenied,
    ValidationError.
    """
    require_city_staff(by)
    today = timezone.localdate()
    due_on = due_on or add_workdays(today, ANSWER_WORKDAYS)
    if solver.kind not in OFFICES or not solver.is_active:
        raise ValidationError("“%(name)s”不是可以办理的部门。" % {"name": solver})
    if not today <= due_on <= today + LATEST:
        raise ValidationError("答复期限请选今天以后、半年以内的一天，现在是 %(day)s。" % {"day": due_on})
    if handler is not None and not Membership.objects.active().filter(user=handler, organisation=solver).exists():
        raise ValidationError("%(person)s不是%(office)s的人员。" % {"person": handler, "office": solver})
    before = obstacle.solver
    transition(
        obstacle,
        when={"status__in": [Status.RAISED, Status.ASSIGNED, Status.UNSOLVED]},
        values={
            "status": Status.ASSIGNED,
            "solver": solver,
            "handler": handler,
            "assigned_at": timezone.now(),
            "due_on": due_on,
            "published_at": None,
            "published_by": None,
        },
        refusal=_refusal,
        action="交办堵点",
        by=by,
        changes={"solver": [str(before or ""), str(solver)], "due_on": [None, due_on.isoformat()]},
    )
    notify_assigned(obstacle)


@transaction.atomic
def answer_obstacle(obstacle: Obstacle, *, answer: str, by: User) -> None:
    """Answer, by the office to which it was given. Raises PermissionDenied, ValidationError."""
    if not Obstacle.objects.answerable_by(by).filter(pk=obstacle.pk).exists():
        raise PermissionDenied("这条堵点由交办的部门答复。")
    answer = clean_required_text(answer, "请写明怎么解决、按什么办、什么时候办成。", 2000)
    transition(
        obstacle,
        when={"status": Status.ASSIGNED, "solver_id": obstacle.solver_id},
        values={"status": Status.ANSWERED, "answer": answer, "answered_by": by, "answered_at": timezone.now()},
        refusal=_refusal,
        action="答复堵点",
        by=by,
        changes={"status": [Status.ASSIGNED, Status.ANSWERED], "answer": [None, answer[:200]]},
    )
    notify_answered(obstacle)


@transaction.atomic
def judge_obstacle(obstacle: Obstacle, *, is_solved: bool, by: User, reason: str = "") -> None:
    """Whether the answer solves it, by its raiser. Unsolved, it waits for the city again.

    Raises PermissionDenied, ValidationError.
    """
    if not Obstacle.objects.raised_by(by).filter(pk=obstacle.pk).exists():
        raise PermissionDenied("是否解决由提出单位来说。")
    if obstacle.answered_by_id == by.pk:
        raise PermissionDenied("答复人不能评价自己的答复。")
    if not is_solved:
        reason = clean_required_text(reason, "请写明还差什么，例如“窗口仍要求先补原件”。", 300)
    target, now = (Status.SOLVED if is_solved else Status.UNSOLVED), timezone.now()
    transition(
        obstacle,
        when={"status": Status.ANSWERED},
        values={
            "status": target,
            "judged_by": by,
            "judged_at": now,
            "judgement": "" if is_solved else reason,
            "waits_from": now,
        },
        refusal=_refusal,
        action="评价堵点答复",
        by=by,
        changes={"status": [Status.ANSWERED, target], "reason": [None, "" if is_solved else reason]},
    )
    notify_judged(obstacle)


@transaction.atomic
def withdraw_obstacle(obstacle: Obstacle, *, by: User) -> None:
    """Withdraw before an answer, by its raiser. Raises PermissionDenied, ValidationError."""
    if not Obstacle.objects.raised_by(by).filter(pk=obstacle.pk).exists():
        raise PermissionDenied("只有提出单位可以撤回。")
    transition(
        obstacle,
        when={"status__in": [Status.RAISED, Status.ASSIGNED]},
        values={"status": Status.WITHDRAWN},
        refusal=_refusal,
        action="撤回堵点",
        by=by,
        changes={"status": [obstacle.status, Status.WITHDRAWN]},
    )
    withdraw_obstacle_notices(obstacle)


@transaction.atomic
def publish_answer(obstacle: Obstacle, *, text: str, answer: str, by: User) -> None:
    """Publish question and answer without the name of anybody concerned. By city staff.

    Raises PermissionDenied, and ValidationError that names each name and each personal datum in the texts.
    """
    require_city_staff(by)
    text = clean_required_text(text, "请写明公布的问题，不写单位名称。", 500, name="公布的问题")
    answer = clean_required_text(answer, "请写明公布的答复，不写单位名称。", 2000, name="公布的答复")
    faults = []
    for label, words in (("公布的问题", text), ("公布的答复", answer)):
        if names := find_names(obstacle, words):
            faults.append(
                "%(field)s里写了%(names)s，能看出是哪个单位。请改成“某企业”之类的说法。"
                % {"field": label, "names": "、".join(f"“{name}”" for name in names[:3])}
            )
        if finds := personal_finds(words):
            faults.append(f"{label}：{personal_data_message(finds)}")
    if faults:
        raise ValidationError(faults)
    transition(
        obstacle,
        when={"status__in": [Status.ANSWERED, Status.SOLVED]},
        values={
            "public_text": text,
            "public_answer": answer,
            "published_at": obstacle.published_at or timezone.now(),
            "published_by": by,
        },
        refusal=lambda row: f"这条堵点{row.get_status_display()}，有了答复才能公布。",
        action="公布堵点答复",
        by=by,
        changes={"public_text": [obstacle.public_text, text], "public_answer": [None, answer[:200]]},
    )


@transaction.atomic
def unpublish_answer(obstacle: Obstacle, *, by: User) -> None:
    """Take a published answer back; its texts stay for the next publication. By city staff."""
    require_city_staff(by)
    transition(
        obstacle,
        when={"published_at__isnull": False},
        values={"published_at": None, "published_by": None},
        refusal="这条答复没有公布。",
        action="撤下堵点答复",
        by=by,
    )


def _check_visible(concern: Concern, by: User) -> None:
    for row, model in (
        (concern.follow_up, FollowUp),
        (concern.deal, Deal),
        (concern.base_request, BaseRequest),
        (concern.policy, Policy),
    ):
        if row is not None and not model.objects.visible_to(by).filter(pk=row.pk).exists():
            raise PermissionDenied("您不能查看所写的记录。")


def _refusal(row: Obstacle) -> str:
    return f"这条堵点现在是“{row.get_status_display()}”，请刷新页面查看。"
