"""Steps of a measure: each is one conditional UPDATE on its own row, told in the trail and to who has to know."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record, record_many
from mechanism.models import Measure, Milestone, Remark
from mechanism.services import telling
from sheets.cells import clean_text

LONGEST = 1000


def may_report(measure: Measure, user) -> bool:
    """City staff, and the district's officers it is given to; the auditor only reads."""
    scope = user.scope
    return scope.is_city or (scope.is_district and Measure.objects.visible_to(user).filter(pk=measure.pk).exists())


def check_may_report(measure: Measure, by) -> None:
    if not may_report(measure, by):
        raise PermissionDenied(_("这项举措没有交给您的单位，不能报告进展。"))


def check_city(by) -> None:
    if not by.scope.is_city:
        raise PermissionDenied(_("只有市级专员可以这样处理。"))


@transaction.atomic
def report_measure(measure: Measure, *, text: str, by) -> Remark:
    """The responsible say how it stands; the first report begins it. Raises PermissionDenied, ValidationError."""
    check_may_report(measure, by)
    text = checked(text, _("请写明进展，例如“已完成摸底，收到成果 42 项”。"))
    now = timezone.now()
    row = Measure.objects.select_for_update().get(pk=measure.pk)
    if not row.is_open:
        raise ValidationError(_("“%(measure)s”已经结束，不能再报告进展。需要时请市级专员重新打开。") % {"measure": row})
    Measure.objects.filter(pk=row.pk).update(begun_at=row.begun_at or now, updated_at=now)
    remark = Remark.objects.create(measure=row, kind=Remark.Kind.REPORT, text=text, by=by, at=now)
    record(_("报告进展"), row, by=by, changes={"report": [None, text[:200]]})
    return remark


@transaction.atomic
def comment_measure(measure: Measure, *, text: str, by) -> Remark:
    """What somebody thinks of it; its owner is told when another says it."""
    check_may_report(measure, by)
    text = checked(text, _("请写下意见。"))
    remark = Remark.objects.create(measure=measure, kind=Remark.Kind.COMMENT, text=text, by=by)
    record(_("填写意见"), measure, by=by, changes={"comment": [None, text[:200]]})
    telling.commented(remark)
    return remark


@transaction.atomic
def reach_milestone(milestone: Milestone, *, by) -> None:
    check_may_report(milestone.measure, by)
    today, now = timezone.localdate(), timezone.now()
    row = Measure.objects.select_for_update().get(pk=milestone.measure_id)
    if not row.is_open:
        raise ValidationError(_("“%(measure)s”已经结束，节点不能再变。") % {"measure": row})
    done = Milestone.objects.filter(pk=milestone.pk, reached_on=None).update(reached_on=today, reached_by=by)
    if not done:
        raise ValidationError(_("“%(milestone)s”已经记为达到。") % {"milestone": milestone})
    Measure.objects.filter(pk=row.pk).update(begun_at=row.begun_at or now, updated_at=now)
    record(_("达到节点"), row, by=by, changes={"milestone": [None, milestone.title]})


@transaction.atomic
def finish_measure(measure: Measure, *, by, note: str = "") -> None:
    """Done, says who answers for it. The city can open it again."""
    check_may_report(measure, by)
    now = timezone.now()
    _move(measure, {"done_at": None, "dropped_at": None}, done_at=now, done_by=by)
    if note := clean_text(note, multiline=True)[:LONGEST]:
        Remark.objects.create(measure=measure, kind=Remark.Kind.REPORT, text=note, by=by, at=now)
    record(_("完成举措"), measure, by=by, changes={"done_at": [None, now.isoformat()]})
    telling.settled(measure)


@transaction.atomic
def reopen_measure(measure: Measure, *, by, reason: str) -> None:
    """Not done after all, or wanted again: by the city, with a reason that everybody who works on it reads."""
    check_city(by)
    reason = checked(reason, _("请写明为什么重新打开，例如“佐证不全”。"))
    before = {"done_at": measure.done_at and measure.done_at.isoformat(), "dropped": measure.dropped_reason}
    opened = Measure.objects.filter(pk=measure.pk).exclude(done_at=None, dropped_at=None)
    now = timezone.now()
    if not opened.update(done_at=None, done_by=None, dropped_at=None, dropped_reason="", updated_at=now):
        raise ValidationError(_("“%(measure)s”没有结束，不需要重新打开。") % {"measure": measure})
    measure.refresh_from_db()
    remark = Remark.objects.create(measure=measure, kind=Remark.Kind.COMMENT, text=reason, by=by)
    record(_("重新打开举措"), measure, by=by, changes={"reason": [None, reason[:200]], "before": [before, None]})
    telling.commented(remark)


@transaction.atomic
def drop_measure(measure: Measure, *, by, reason: str) -> None:
    """Not pursued any more, by the city."""
    check_city(by)
    reason = checked(reason, _("请写明取消原因，例如“并入另一项举措”。"), longest=200)
    _move(measure, {"done_at": None, "dropped_at": None}, dropped_at=timezone.now(), dropped_reason=reason)
    record(_("取消举措"), measure, by=by, changes={"reason": [None, reason]})
    telling.settled(measure)


@transaction.atomic
def create_measures(measures: Iterable[Measure], *, by) -> list[Measure]:
    """Enter new ones, all or nothing, in few queries; their owners are told. Raises ValidationError, PermissionDenied.

    A fault names the measure it is of.
    """
    check_city(by)
    measures = list(measures)
    for measure in measures:
        try:
            measure.full_clean()
        except ValidationError as error:
            raise ValidationError([f"“{measure.title[:40]}”：{message}" for message in error.messages]) from error
    Measure.objects.bulk_create(measures)
    record_many(_("新建举措"), {one: {"task": [None, str(one.task)]} for one in measures}, by=by)
    telling.given(measures, by)
    return measures


def checked(text: str, ask: str, longest: int = LONGEST) -> str:
    """The text without what cannot be seen. Raises ValidationError: `ask` when there is none, or too long."""
    text = clean_text(text, multiline=True)
    if not text:
        raise ValidationError(ask)
    if len(text) > longest:
        raise ValidationError(
            _("有 %(length)d 个字，最多 %(longest)d 个字，请精简。") % {"length": len(text), "longest": longest}
        )
    return text


def _move(measure: Measure, seen: dict, **fields) -> None:
    moved = Measure.objects.filter(pk=measure.pk, **seen).update(**fields, updated_at=timezone.now())
    measure.refresh_from_db()
    if not moved:
        word = _("已完成") if measure.done_at else _("已取消")
        raise ValidationError(_("“%(measure)s”%(word)s，请刷新页面查看最新状态。") % {"measure": measure, "word": word})
