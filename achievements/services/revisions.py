"""Changes of a registered achievement by its institution: what the city has registered is changed after its review.

Price, ways of transfer, persons, contact and last day are the institution's own and change at once.
"""

from collections.abc import Iterable
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model

from accounts.models import User
from achievements.models import Achievement, AchievementRevision
from achievements.permissions import check_city, represents_institution
from achievements.services.editing import (
    DETAIL_MODELS,
    LOCKED_FIELDS,
    DetailRows,
    check_not_secret,
    detail_values,
    fill_derived_fields,
    save_achievement,
    update_achievement,
    write_details,
)
from achievements.services.notifications import notify_revision_decided, notify_revision_proposed
from achievements.services.reviewed_fields import REVIEWED_DETAILS, REVIEWED_FIELDS
from audit.revisions import (
    REPLACED,
    JsonValues,
    audit_changes,
    changed_values,
    decide,
    field_label,
    json_rows,
    json_values,
    set_json_values,
    store,
    version_of,
)
from audit.services import record
from core.plain_text import clean_reason

Status = AchievementRevision.Status
STALE = "同事或市科技局刚刚改过这项成果，您的修改还没有保存。请核对下面的不同，再保存一次。"


class Proposal(NamedTuple):
    """What `propose_revision` did: `revision` waits for the city; None if nothing that it registered has changed."""

    achievement: Achievement
    revision: AchievementRevision | None


def pending_revision(achievement: Achievement) -> AchievementRevision | None:
    return achievement.revisions.pending().first()


def needs_review(achievement: Achievement, by: User) -> bool:
    """Whether changes by this user wait for the city: of a registered achievement, by its institution."""
    return (
        achievement.pk is not None
        and achievement.status in Achievement.REVISABLE
        and represents_institution(achievement, by)
        and not by.scope.is_city
    )


def proposed_achievement(
    achievement: Achievement, revision: AchievementRevision | None
) -> tuple[Achievement, DetailRows]:
    """The achievement with the values of a revision, unsaved, and its detail rows; else the stored ones."""
    proposed = copy(achievement)
    values = revision.after if revision else {}
    set_json_values(proposed, values)
    rows = {
        name: values[name] if name in values else [detail_values(row) for row in getattr(achievement, name).all()]
        for name in DETAIL_MODELS
    }
    return proposed, rows


@transaction.atomic
def propose_revision(
    achievement: Achievement, fields: dict[str, Any], *, by: User, detail_rows: DetailRows, seen: str
) -> Proposal:
    """Change at once what needs no review, and keep the rest for the city's decision.

    `seen` is the `version_of` what the page showed. A pending revision is replaced; if the values are the registered
    ones, it is withdrawn. Raises PermissionDenied for everybody but the institution, else ValidationError by field.
    """
    current = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if not represents_institution(current, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": current})
    _check_revisable(current)
    pending = pending_revision(current)
    if seen != version_of(current, pending):
        raise ValidationError(STALE)
    if any(name in fields and fields[name] != getattr(current, name) for name in LOCKED_FIELDS):
        raise ValidationError("已入库的成果不能更改名称和第一完成单位，如确有错误请联系市科技局。")
    before, after = _versions(current, fields, detail_rows)
    direct = {name: value for name, value in fields.items() if name not in {*REVIEWED_FIELDS, *LOCKED_FIELDS}}
    direct_rows = {name: rows for name, rows in detail_rows.items() if name not in REVIEWED_DETAILS}
    update_achievement(current, direct, by=by, detail_rows=direct_rows)
    before, after = changed_values(before, after)
    if pending and pending.before == before and pending.after == after:
        return Proposal(current, pending)
    if pending:
        reason = "被新的修改代替" if after else "改回原文"
        decide(pending, Status.WITHDRAWN, by=by, action="撤回修改", reason=reason)
    if not after:
        return Proposal(current, None)
    revision = AchievementRevision(achievement=current, before=before, after=after, proposed_by=by)
    store(revision)
    labels = [field_label(Achievement, name) for name in after]
    record("提交修改待审", current, by=by, changes={"fields": [None, labels]})
    notify_revision_proposed(revision)
    return Proposal(current, revision)


def propose_fields(achievement: Achievement, fields: dict[str, Any], *, by: User, seen: str) -> Proposal:
    """`propose_revision` of some fields; what waits for the city already stays part of the revision.

    `seen` is the `version_of` what the page showed.
    """
    pending = pending_revision(achievement)
    proposed, rows = proposed_achievement(achievement, pending)
    waiting = {
        name: getattr(proposed, name) for name in (pending.after if pending else ()) if name not in REVIEWED_DETAILS
    }
    detail_rows = {name: rows[name] for name in REVIEWED_DETAILS if pending and name in pending.after}
    return propose_revision(achievement, waiting | fields, by=by, detail_rows=detail_rows, seen=seen)


@transaction.atomic
def accept_revision(revision: AchievementRevision, *, by: User) -> None:
    """待审核 → 已批准: the registered achievement takes over the changes. By city staff.

    Raises PermissionDenied, and ValidationError if the revision was replaced or decided, if the achievement is no
    longer on offer, or if a field was changed meanwhile.
    """
    check_city(by)
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=revision.achievement_id)
    _check_revisable(row)
    revision.refresh_from_db()
    if revision.status != Status.PENDING:
        raise ValidationError(REPLACED)
    if differing := conflicting_fields(row, revision):
        raise ValidationError(
            "院校提交这份修改以后，%(fields)s已被改过，与院校看到的不同。请退回，请院校在最新内容上修改。"
            % {"fields": "、".join(f"“{label}”" for label in differing)}
        )
    set_json_values(row, revision.after)
    rows = {name: revision.after[name] for name in REVIEWED_DETAILS if name in revision.after}
    fill_derived_fields(row)
    check_not_secret(row, rows)
    row.full_clean()
    save_achievement(row)
    for name, values in rows.items():
        getattr(row, name).all().delete()
        write_details(row, name, values)
    decide(revision, Status.ACCEPTED, by=by, action="批准修改")
    record("批准修改", row, by=by, changes=audit_changes(revision))
    notify_revision_decided(revision)


@transaction.atomic
def return_revision(revision: AchievementRevision, *, by: User, reason: str) -> None:
    """待审核 → 已退回, with a reason; the registered text stays. By city staff."""
    check_city(by)
    reason = clean_reason(reason, "新写的指标没有依据，请补充检测报告")
    decide(revision, Status.RETURNED, by=by, action="退回修改", reason=reason)
    record("退回修改", revision.achievement, by=by, changes={"reason": [None, reason]})
    notify_revision_decided(revision)


def withdraw_revision(revision: AchievementRevision, *, by: User) -> None:
    """待审核 → 已撤回, by the institution."""
    if not represents_institution(revision.achievement, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": revision.achievement})
    decide(revision, Status.WITHDRAWN, by=by, action="撤回修改")


def conflicting_fields(achievement: Achievement, revision: AchievementRevision) -> list[str]:
    """Labels of the fields that have changed since the revision was written, to something else than it proposes."""
    now = _stored(achievement, revision.before)
    return [
        field_label(Achievement, name)
        for name, value in revision.before.items()
        if now[name] != value and now[name] != revision.after[name]
    ]


# --- Parts -----------------------------------------------------------------------------------------------------------
def _check_revisable(achievement: Achievement) -> None:
    if achievement.status not in Achievement.REVISABLE:
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能这样修改。请刷新页面查看最新状态。"
            % {"title": achievement, "now": achievement.get_status_display()}
        )


def _versions(current: Achievement, fields: dict[str, Any], detail_rows: DetailRows) -> tuple[JsonValues, JsonValues]:
    """The stored and the proposed values as JSON; the proposed ones are validated."""
    reviewed_rows = {name: detail_rows[name] for name in REVIEWED_DETAILS if name in detail_rows}
    names = [name for name in REVIEWED_FIELDS if name in fields]
    proposed = copy(current)
    for name in names:
        setattr(proposed, name, fields[name])
    fill_derived_fields(proposed)
    check_not_secret(proposed, reviewed_rows)
    proposed.full_clean()
    after = json_values(proposed, names)
    for name, values in reviewed_rows.items():
        rows = [DETAIL_MODELS[name](achievement=current, **row) for row in values]
        for row in rows:
            row.full_clean(exclude=["achievement"])
        after[name] = json_rows(rows, _columns(DETAIL_MODELS[name]))
    return _stored(current, after), after


def _stored(achievement: Achievement, names: Iterable[str]) -> JsonValues:
    names = list(names)
    values = json_values(achievement, [name for name in names if name not in REVIEWED_DETAILS])
    for name in REVIEWED_DETAILS:
        if name in names:
            values[name] = json_rows(getattr(achievement, name).all(), _columns(DETAIL_MODELS[name]))
    return values


def _columns(model: type[Model]) -> list[str]:
    return list(detail_values(model()))
