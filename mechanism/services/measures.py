"""Operations on measures: a conditional UPDATE, an audit record, and notices to the people concerned."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import Changes, record, record_many
from audit.transitions import transition
from core.plain_text import clean_required_text
from mechanism.models import Measure, Milestone, Remark
from mechanism.services.notifications import notify_assigned, notify_comment, settle_measure_notices
from sheets.cells import clean_text

MAX_TEXT_LENGTH = 1000


def may_report(measure: Measure, user: User) -> bool:
    """City staff, and the district officers who lead, join or own it; the auditor only reads.

    What bureaus report waits for the city's review: `bureau_reports`.
    """
    user_scope = user.scope
    assigned = Measure.objects.visible_to(user).filter(pk=measure.pk)
    return user_scope.is_city or (user_scope.is_district and assigned.exists())


def may_finish(measure: Measure, user: User) -> bool:
    """City staff, and the district officers who lead or own it; who joins it does not finish it for others."""
    led = Q(organisation__kind=Organisation.Kind.DISTRICT, organisation__stat_region__in=user.scope.region_ids)
    rows = Measure.objects.filter(led | Q(owner=user), pk=measure.pk)
    return user.scope.is_city or (user.scope.is_district and rows.exists())


def require_may_report(measure: Measure, by: User) -> None:
    if not may_report(measure, by):
        raise PermissionDenied("这项举措没有交给您的单位，不能报告进展。")


def require_may_finish(measure: Measure, by: User) -> None:
    if not may_finish(measure, by):
        raise PermissionDenied("这项举措由责任单位或市里记为完成。")


def require_city_staff(by: User) -> None:
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以这样处理。")


@transaction.atomic
def report_measure(measure: Measure, *, text: str, by: User) -> Remark:
    """Add a progress report; the first one starts the measure. Raises PermissionDenied, ValidationError."""
    require_may_report(measure, by)
    text = clean_required_text(text, "请写明进展，例如“已完成摸底，收到成果 42 项”。", MAX_TEXT_LENGTH)
    now = timezone.now()
    row = Measure.objects.select_for_update().get(pk=measure.pk)
    if not row.is_open:
        raise ValidationError("“%(measure)s”已经结束，不能再报告进展。需要时请市级专员重新打开。" % {"measure": row})
    Measure.objects.filter(pk=row.pk).update(begun_at=row.begun_at or now, updated_at=now)
    remark = Remark.objects.create(measure=row, kind=Remark.Kind.REPORT, text=text, by=by, at=now)
    record("报告进展", row, by=by, changes={"report": [None, text[:200]]})
    return remark


@transaction.atomic
def comment_measure(measure: Measure, *, text: str, by: User) -> Remark:
    """Add a comment and notify the owner unless they wrote it. Raises PermissionDenied, ValidationError."""
    require_may_report(measure, by)
    text = clean_required_text(text, "请写下意见。", MAX_TEXT_LENGTH)
    remark = Remark.objects.create(measure=measure, kind=Remark.Kind.COMMENT, text=text, by=by)
    record("填写意见", measure, by=by, changes={"comment": [None, text[:200]]})
    notify_comment(remark)
    return remark


@transaction.atomic
def reach_milestone(milestone: Milestone, *, by: User) -> None:
    """Mark a milestone as reached today. Raises PermissionDenied, ValidationError."""
    require_may_finish(milestone.measure, by)
    today, now = timezone.localdate(), timezone.now()
    row = Measure.objects.select_for_update().get(pk=milestone.measure_id)
    if not row.is_open:
        raise ValidationError("“%(measure)s”已经结束，节点不能再变。" % {"measure": row})
    updated = Milestone.objects.filter(pk=milestone.pk, reached_on=None).update(reached_on=today, reached_by=by)
    if not updated:
        raise ValidationError("“%(milestone)s”已经记为达到。" % {"milestone": milestone})
    Measure.objects.filter(pk=row.pk).update(begun_at=row.begun_at or now, updated_at=now)
    record("达到节点", row, by=by, changes={"milestone": [None, milestone.title]})


@transaction.atomic
def finish_measure(measure: Measure, *, by: User, note: str = "") -> None:
    """Mark as done. City staff can reopen it. Raises PermissionDenied, ValidationError."""
    require_may_finish(measure, by)
    now = timezone.now()
    changes = {"done_at": [None, now.isoformat()]}
    _close(measure, "完成举措", by=by, changes=changes, done_at=now, done_by=by)
    if note := clean_text(note, multiline=True)[:MAX_TEXT_LENGTH]:
        Remark.objects.create(measure=measure, kind=Remark.Kind.REPORT, text=note, by=by, at=now)
    settle_measure_notices(measure)


@transaction.atomic
def reopen_measure(measure: Measure, *, by: User, reason: str) -> None:
    """Reopen a done or dropped measure; the reason becomes a comment. City staff only."""
    require_city_staff(by)
    reason = clean_required_text(reason, "请写明为什么重新打开，例如“佐证不全”。", MAX_TEXT_LENGTH)
    before = {"done_at": measure.done_at and measure.done_at.isoformat(), "dropped": measure.dropped_reason}
    finished = Measure.objects.filter(pk=measure.pk).exclude(done_at=None, dropped_at=None)
    now = timezone.now()
    if not finished.update(done_at=None, done_by=None, dropped_at=None, dropped_reason="", updated_at=now):
        raise ValidationError("“%(measure)s”没有结束，不需要重新打开。" % {"measure": measure})
    measure.refresh_from_db()
    remark = Remark.objects.create(measure=measure, kind=Remark.Kind.COMMENT, text=reason, by=by)
    record("重新打开举措", measure, by=by, changes={"reason": [None, reason[:200]], "before": [before, None]})
    notify_comment(remark)


@transaction.atomic
def drop_measure(measure: Measure, *, by: User, reason: str) -> None:
    """Drop a measure with a reason. City staff only."""
    require_city_staff(by)
    reason = clean_required_text(reason, "请写明取消原因，例如“并入另一项举措”。", 200)
    changes = {"reason": [None, reason]}
    _close(measure, "取消举措", by=by, changes=changes, dropped_at=timezone.now(), dropped_reason=reason)
    settle_measure_notices(measure)


@transaction.atomic
def create_measures(measures: Iterable[Measure], *, by: User) -> list[Measure]:
    """Create all measures or none, and notify the people assigned.

    Raises PermissionDenied, or ValidationError whose messages name the faulty measure.
    """
    require_city_staff(by)
    measures = list(measures)
    for measure in measures:
        try:
            measure.full_clean()
        except ValidationError as error:
            raise ValidationError([f"“{measure.title[:40]}”：{message}" for message in error.messages]) from error
    Measure.objects.bulk_create(measures)
    record_many("新建举措", {measure: {"task": [None, str(measure.task)]} for measure in measures}, by=by)
    notify_assigned(measures, by)
    return measures


def _close(measure: Measure, action: str, *, by: User, changes: Changes, **fields: Any) -> None:
    """Set the fields if the measure is still open; raise ValidationError otherwise."""
    transition(
        measure,
        when={"done_at": None, "dropped_at": None},
        values=fields | {"updated_at": timezone.now()},
        refusal=lambda row: f"“{row}”{'已完成' if row.done_at else '已取消'}，请刷新页面查看最新状态。",
        action=action,
        by=by,
        changes=changes,
    )
