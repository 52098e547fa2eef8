"""An institution or a firm asks for room at a base; whoever runs the base, or the city, answers once."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from achievements.models import Achievement
from audit.services import record
from mechanism.models import Base, BaseRequest
from mechanism.services import telling
from mechanism.services.work import checked

Status = BaseRequest.Status
MOST_WAITING = 10


@transaction.atomic
def ask_base(
    base: Base,
    *,
    organisation: Organisation,
    what: str,
    by,
    achievement: Achievement | None = None,
    wanted_from=None,
    wanted_to=None,
) -> BaseRequest:
    """Ask in the name of an institution or firm the actor speaks for. Raises PermissionDenied, ValidationError."""
    if organisation.pk not in by.scope.institution_ids | by.scope.firm_ids:
        raise PermissionDenied(_("您不能代表这个单位申请。"))
    if achievement is not None and achievement.institution_id != organisation.pk:
        raise PermissionDenied(_("“%(title)s”不是您单位的成果。") % {"title": achievement})
    if not Base.objects.select_for_update().filter(pk=base.pk, is_listed=True).exists():
        raise ValidationError(_("“%(base)s”现在不接受申请，请换一家。") % {"base": base})
    waiting = BaseRequest.objects.waiting().filter(base=base, organisation=organisation)
    if waiting.count() >= MOST_WAITING:
        raise ValidationError(
            _("贵单位在这里已有 %(most)d 份申请等待答复，请先等答复或撤回。") % {"most": MOST_WAITING}
        )
    request = BaseRequest(
        base=base,
        organisation=organisation,
        achievement=achievement,
        what=checked(what, _("请写明要做什么，例如“5 公斤级放大，验证收率”。")),
        wanted_from=wanted_from,
        wanted_to=wanted_to,
        asked_by=by,
    )
    request.full_clean()
    request.save(force_insert=True)
    record(_("申请中试或验证"), request, by=by, changes={"what": [None, request.what[:200]]})
    telling.asked(request)
    return request


@transaction.atomic
def answer_base_request(request: BaseRequest, *, accept: bool, answer: str, by) -> None:
    """Accept it, or decline it with a reason; of two answers at once the second is told of the first."""
    if not BaseRequest.objects.answerable_by(by).filter(pk=request.pk).exists():
        raise PermissionDenied(_("这份申请由基地的运营单位或市科技局答复。"))
    if not accept or answer.strip():
        answer = checked(answer, _("请写明为什么不能接受，例如“年内没有空档”。"), 300)
    status = Status.ACCEPTED if accept else Status.DECLINED
    _move(request, status, answer=answer.strip(), answered_by=by, answered_at=timezone.now())
    record(_("答复中试申请"), request, by=by, changes={"status": [Status.ASKED, status], "answer": [None, answer]})
    telling.answered(request)


@transaction.atomic
def withdraw_base_request(request: BaseRequest, *, by) -> None:
    """Taken back by who asked, as long as nobody has answered."""
    if not BaseRequest.objects.of(by).filter(pk=request.pk).exists():
        raise PermissionDenied(_("只有申请单位可以撤回。"))
    _move(request, Status.WITHDRAWN)
    record(_("撤回中试申请"), request, by=by, changes={"status": [Status.ASKED, Status.WITHDRAWN]})
    telling.withdrawn(request)


def _move(request: BaseRequest, status: str, **fields) -> None:
    moved = BaseRequest.objects.filter(pk=request.pk, status=Status.ASKED).update(status=status, **fields)
    request.refresh_from_db()
    if not moved:
        raise ValidationError(
            _("这份申请%(state)s，不能再改。请刷新页面查看。") % {"state": request.get_status_display()}
        )
