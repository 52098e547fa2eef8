"""Progress reports of bureaus on measures that they lead or join: with evidence, on a clock, reviewed by the city."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from mechanism.models import Measure, Remark
from mechanism.services.evidence import store_file, store_link
from mechanism.services.measures import MAX_TEXT_LENGTH, finish_measure, require_city_staff
from mechanism.services.notifications import notify_report_reviewed, notify_report_submitted

Review = Remark.Review
TIME_TO_CORRECT = timedelta(days=7)
"""From the return of a report until it is due again."""


class ReportFile(NamedTuple):
    name: str
    content: bytes


class ReportLink(NamedTuple):
    name: str
    link: str


def reporting_bureau(measure: Measure, user: User) -> Organisation | None:
    """The bureau for which the user reports on the measure; None if none of the user's bureaus leads or joins it.

    Who owns the measure reports for the own bureau.
    """
    bureaus = Organisation.objects.filter(pk__in=user.scope.bureau_ids)
    own = bureaus.filter(Q(measures=measure) | Q(joint_measures=measure)).order_by("pk").first()
    return own or (bureaus.order_by("pk").first() if measure.owner_id == user.pk else None)


@transaction.atomic
def submit_report(
    measure: Measure,
    *,
    text: str,
    by: User,
    wants_finish: bool = False,
    files: Iterable[ReportFile] = (),
    links: Iterable[ReportLink] = (),
) -> Remark:
    """Report for a bureau; the city reviews it. One at a time. With `wants_finish` it needs evidence.

    Raises PermissionDenied, ValidationError.
    """
    bureau = reporting_bureau(measure, by)
    if bureau is None:
        raise PermissionDenied("这项举措没有交给您的部门，不能报告进展。")
    text = clean_required_text(text, "请写明进展，例如“细则已会签，下周印发”。", MAX_TEXT_LENGTH)
    row = Measure.objects.select_for_update(of=["self"]).get(pk=measure.pk)
    if not row.is_open:
        raise ValidationError("“%(measure)s”已经结束，不能再报告进展。" % {"measure": row})
    if row.remarks.pending().filter(organisation=bureau).exists():
        raise ValidationError("上一份进展还在等市里审核，审核后再报下一份。")
    files, links = list(files), list(links)
    if wants_finish and not (files or links):
        raise ValidationError("请市里确认完成要附佐证：上传文件或填写网址。")
    if wants_finish and row.organisation_id != bureau.pk and row.owner_id != by.pk:
        raise ValidationError("贵单位是配合单位，由责任单位请市里确认完成。")
    now = timezone.now()
    remark = Remark.objects.create(
        measure=row,
        kind=Remark.Kind.REPORT,
        text=text,
        by=by,
        at=now,
        organisation=bureau,
        wants_finish=wants_finish,
        review=Review.PENDING,
    )
    for file in files:
        store_file(row, content=file.content, name=file.name, by=by, remark=remark)
    for link in links:
        store_link(row, name=link.name, link=link.link, by=by, remark=remark)
    Measure.objects.filter(pk=row.pk).update(begun_at=row.begun_at or now, updated_at=now)
    record("报告进展", row, by=by, changes={"report": [None, text[:200]]})
    notify_report_submitted(remark)
    return remark


@transaction.atomic
def accept_report(remark: Remark, *, by: User, note: str = "") -> None:
    """Accept a report; the next one is due after the measure's interval. One that asks for it finishes the measure.

    By city staff. Raises PermissionDenied, ValidationError.
    """
    measure = _decide(remark, Review.ACCEPTED, note=note.strip()[:300], by=by)
    if remark.wants_finish and measure.is_open:
        finish_measure(measure, by=by)
    elif measure.report_days and remark.organisation_id == measure.organisation_id:
        due = timezone.localdate() + timedelta(days=measure.report_days)
        Measure.objects.filter(pk=measure.pk).update(report_due_on=due, updated_at=timezone.now())
    notify_report_reviewed(remark)


@transaction.atomic
def return_report(remark: Remark, *, by: User, reason: str) -> None:
    """Return a report with a reason; a better one is due in a week. By city staff."""
    reason = clean_required_text(reason, "请写明为什么退回，例如“请附印发的文件”。", 300)
    measure = _decide(remark, Review.RETURNED, note=reason, by=by)
    due = timezone.localdate() + TIME_TO_CORRECT
    if measure.report_days and remark.organisation_id == measure.organisation_id:
        Measure.objects.filter(pk=measure.pk).update(report_due_on=due, updated_at=timezone.now())
    notify_report_reviewed(remark)


def _decide(remark: Remark, target: str, *, note: str, by: User) -> Measure:
    require_city_staff(by)
    if remark.by_id == by.pk:
        raise PermissionDenied("不能审核自己的报告，请同事审核。")
    measure = Measure.objects.select_for_update(of=["self"]).get(pk=remark.measure_id)
    transition(
        remark,
        when={"review": Review.PENDING},
        values={"review": target, "reviewed_by": by, "reviewed_at": timezone.now(), "review_note": note},
        refusal=lambda row: f"这份进展{row.get_review_display()}，请刷新页面查看。",
        action="审核进展",
        by=by,
        changes={"review": [Review.PENDING, target], "reason": [None, note]},
    )
    return measure
