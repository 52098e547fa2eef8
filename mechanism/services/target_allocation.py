"""The city gives targets to districts and institutions; each agrees, or proposes another value with a reason."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Membership, Organisation, Region, Role, User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_required_text
from mechanism.models import AllocatedTarget, AllocationStep
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from sheets.cells import clean_text

Kind, Status = AllocationStep.Kind, AllocatedTarget.Status
LARGEST = Decimal(10) ** 8
MAX_NOTE_LENGTH = 300
CHANGED_MEANWHILE = "“%(target)s”刚刚有人改过，现在是 %(value)s（%(status)s）。请看过后再决定。"


def may_answer(target: AllocatedTarget, user: User) -> bool:
    """Officers of the district or the institution to which the target was given."""
    scope = user.scope
    return target.region_id in scope.region_ids or target.institution_id in scope.institution_ids


def parse_target_value(text: str, what: str, figure: str) -> Decimal:
    """A target as typed: "36.5", "1,000". `what` names the row in the message. Raises ValidationError."""
    cleaned = clean_text(text, multiline=False).replace(",", "").replace("，", "")
    example = "例如 45" if figure == AllocatedTarget.Figure.LOCAL_RATE else "例如 36.5"
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise ValidationError("%s：“%s”不是数字，请填%s。" % (what, text[:20], example)) from None
    highest = Decimal(100) if figure == AllocatedTarget.Figure.LOCAL_RATE else LARGEST
    if not value.is_finite() or not 0 < value <= highest:
        raise ValidationError("%s：“%s”要大于 0，不超过 %s。" % (what, text[:20], f"{highest:,}"))
    if value != round(value, 2):
        raise ValidationError("%s：“%s”最多写两位小数。" % (what, text[:20]))
    return value


def _is_count(figure: str) -> bool:
    return figure in (AllocatedTarget.Figure.AGENCIES, AllocatedTarget.Figure.ITEMS)


def _check_value(figure: str, value: Decimal, what: str) -> None:
    if _is_count(figure) and value != int(value):
        raise ValidationError("%s：家数、项数要填整数，现在是 %s。" % (what, value))


@transaction.atomic
def give_target(
    *, figure: str, year: int, assignee: Region | Organisation, value: Decimal, by: User, note: str = ""
) -> AllocatedTarget | None:
    """Give a target, or another value than before; it then waits for the answer. None if nothing changes.

    Raises PermissionDenied, ValidationError.
    """
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以下达目标。")
    _check_value(figure, value, str(assignee))
    note = clean_text(note, multiline=False)[:MAX_NOTE_LENGTH]
    dimension = "region" if isinstance(assignee, Region) else "institution"
    if dimension == "institution" and figure == AllocatedTarget.Figure.AGENCIES:
        raise ValidationError("中介机构不归高校院所，不能给“%s”下达这项目标。" % assignee)
    target = AllocatedTarget.objects.filter(figure=figure, year=year, **{dimension: assignee}).first()
    if target is None:
        target = AllocatedTarget(figure=figure, year=year, value=value, **{dimension: assignee})
        target.full_clean(exclude=["region", "institution"])
        try:
            with transaction.atomic():
                target.save(force_insert=True)
        except IntegrityError as error:
            raise ValidationError(constraint_message(error, AllocatedTarget)) from None
        record("下达分解目标", target, by=by, changes={"value": [None, str(value)]})
        kind = Kind.GIVEN
    elif target.value == value and target.status != Status.COUNTERED:
        return None
    else:
        kind = Kind.REVISED
        _step(target, {"value": value, "status": Status.GIVEN, "proposed": None}, action="修改分解目标", by=by)
    AllocationStep.objects.create(target=target, kind=kind, value=value, note=note, by=by)
    settle_notices(_subject(target), [NoticeKind.WORK])
    text = "市里下达%s：%s，请同意或提出不同的值。" % (target, _plain(value))
    _notify(target, _party_officers(target), text, by)
    return target


@transaction.atomic
def agree_target(target: AllocatedTarget, *, revision: int, by: User) -> None:
    """The assignee agrees to the value that it saw. Raises PermissionDenied, ValidationError."""
    _require_may_answer(target, by)
    _step(target, {"status": Status.AGREED}, action="同意分解目标", by=by, revision=revision, when=Status.GIVEN)
    AllocationStep.objects.create(target=target, kind=Kind.AGREED, value=target.value, by=by)
    settle_notices(_subject(target), [NoticeKind.WORK])


@transaction.atomic
def counter_target(target: AllocatedTarget, *, proposed: Decimal, reason: str, revision: int, by: User) -> None:
    """The assignee proposes another value. Raises PermissionDenied, ValidationError."""
    _require_may_answer(target, by)
    _check_value(target.figure, proposed, "提出的值")
    prompt = "请写明理由，例如“去年有一份 2 亿元的合同不会再有”。"
    reason = clean_required_text(reason, prompt, MAX_NOTE_LENGTH)
    if proposed == target.value:
        raise ValidationError("提出的值与下达的一样（%s）。没有不同意见请选“同意”。" % _plain(proposed))
    values = {"status": Status.COUNTERED, "proposed": proposed}
    _step(target, values, action="对分解目标提出意见", by=by, revision=revision, when=Status.GIVEN)
    AllocationStep.objects.create(target=target, kind=Kind.COUNTERED, value=proposed, note=reason, by=by)
    settle_notices(_subject(target), [NoticeKind.WORK])
    text = "%s 提出 %s（下达 %s）：%s" % (target, _plain(proposed), _plain(target.value), reason[:120])
    officers = Membership.objects.filter(role=Role.CITY, user__is_active=True)
    _notify(target, set(officers.values_list("user", flat=True)), text, by)


@transaction.atomic
def accept_counter(target: AllocatedTarget, *, revision: int, by: User) -> None:
    """The city takes the proposed value; with it the target is agreed. Raises PermissionDenied, ValidationError."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以采纳。")
    if target.proposed is None:
        raise ValidationError(_changed(target))
    values = {"status": Status.AGREED, "value": target.proposed, "proposed": None}
    _step(target, values, action="采纳分解目标的意见", by=by, revision=revision, when=Status.COUNTERED)
    AllocationStep.objects.create(target=target, kind=Kind.ACCEPTED, value=target.value, by=by)
    settle_notices(_subject(target), [NoticeKind.WORK])
    _notify(target, _party_officers(target), "市里采纳您的意见，%s定为 %s。" % (target, _plain(target.value)), by)


def _step(
    target: AllocatedTarget,
    values: dict[str, object],
    *,
    action: str,
    by: User,
    revision: int | None = None,
    when: str = "",
) -> None:
    seen = target.revision if revision is None else revision
    conditions = {"revision": seen} | ({"status": when} if when else {})
    changes = {name: [_text(getattr(target, name)), _text(value)] for name, value in values.items()}
    transition(
        target,
        when=conditions,
        values=values | {"revision": seen + 1},
        refusal=_changed,
        action=action,
        by=by,
        changes=changes,
    )


def _changed(target: AllocatedTarget) -> str:
    values = {"target": target, "value": _plain(target.value), "status": target.get_status_display()}
    return CHANGED_MEANWHILE % values


def _require_may_answer(target: AllocatedTarget, by: User) -> None:
    if not may_answer(target, by):
        raise PermissionDenied("这项目标没有下达给您的单位，不能答复。")


def _party_officers(target: AllocatedTarget) -> set[int]:
    if target.region_id:
        return set(district_officers([target.region_id]).get(target.region_id, ()))
    pk = target.institution_id
    return set(officers_of([pk], Role.INSTITUTION).get(pk, ())) if pk else set()


def _notify(target: AllocatedTarget, recipients: set[int], text: str, by: User) -> None:
    path = f"{reverse('target_allocation')}?year={target.year}"
    subject = _subject(target)
    notify(
        NoticeDraft(recipient, NoticeKind.WORK, text, path, subject, f"{subject} {target.revision} {recipient}")
        for recipient in recipients - {by.pk}
    )


def _subject(target: AllocatedTarget) -> str:
    return f"allocated target {target.public_id}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: Decimal) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
