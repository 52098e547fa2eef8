"""Requests of institutions and firms to use a pilot base, answered once by its operator or by city staff."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from mechanism.models import Base, BaseRequest
from mechanism.services.notifications import notify_base_answer, notify_base_request, withdraw_base_notices

Status = BaseRequest.Status
MAX_WAITING = 10


@transaction.atomic
def request_base(
    base: Base,
    *,
    organisation: Organisation,
    what: str,
    by: User,
    achievement: Achievement | None = None,
    wanted_from: date | None = None,
    wanted_to: date | None = None,
) -> BaseRequest:
    """Request a base on behalf of an institution or firm of the actor. Raises PermissionDenied, ValidationError."""
    if organisation.pk not in by.scope.institution_ids | by.scope.firm_ids:
        raise PermissionDenied("您不能代表这个单位申请。")
    if achievement is not None and achievement.institution_id != organisation.pk:
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})
    if not Base.objects.select_for_update().filter(pk=base.pk, is_listed=True).exists():
        raise ValidationError("“%(base)s”现在不接受申请，请换一家。" % {"base": base})
    waiting = BaseRequest.objects.waiting().filter(base=base, organisation=organisation)
    if waiting.count() >= MAX_WAITING:
        raise ValidationError("贵单位在这里已有 %(most)d 份申请等待答复，请先等答复或撤回。" % {"most": MAX_WAITING})
    request = BaseRequest(
        base=base,
        organisation=organisation,
        achievement=achievement,
        what=clean_required_text(what, "请写明要做什么，例如“5 公斤级放大，验证收率”。", 1000),
        wanted_from=wanted_from,
        wanted_to=wanted_to,
        asked_by=by,
    )
    request.full_clean()
    request.save(force_insert=True)
    record("申请中试或验证", request, by=by, changes={"what": [None, request.what[:200]]})
    notify_base_request(request)
    return request


@transaction.atomic
def answer_base_request(request: BaseRequest, *, accept: bool, answer: str, by: User) -> None:
    """Accept, or decline with a reason. Raises PermissionDenied, or ValidationError if it was answered already."""
    if not BaseRequest.objects.answerable_by(by).filter(pk=request.pk).exists():
        raise PermissionDenied("这份申请由基地的运营单位或市科技局答复。")
    if not accept or answer.strip():
        answer = clean_required_text(answer, "请写明为什么不能接受，例如“年内没有空档”。", 300)
    status = Status.ACCEPTED if accept else Status.DECLINED
    _change_status(
        request,
        status,
        action="答复中试申请",
        by=by,
        changes={"answer": [None, answer]},
        answer=answer.strip(),
        answered_by=by,
        answered_at=timezone.now(),
    )
    notify_base_answer(request)


@transaction.atomic
def withdraw_base_request(request: BaseRequest, *, by: User) -> None:
    """Withdraw an unanswered request of the actor's organisation. Raises PermissionDenied, ValidationError."""
    if not BaseRequest.objects.of(by).filter(pk=request.pk).exists():
        raise PermissionDenied("只有申请单位可以撤回。")
    _change_status(request, Status.WITHDRAWN, action="撤回中试申请", by=by)
    withdraw_base_notices(request)


def _change_status(
    request: BaseRequest, target: Status, *, action: str, by: User, changes: dict[str, Any] | None = None, **fields: Any
) -> None:
    transition(
        request,
        when={"status": Status.ASKED},
        values={"status": target} | fields,
        refusal=lambda row: f"这份申请{row.get_status_display()}，不能再改。请刷新页面查看。",
        action=action,
        by=by,
        changes={"status": [Status.ASKED, target]} | (changes or {}),
    )
