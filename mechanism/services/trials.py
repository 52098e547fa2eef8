"""Results of trials at a pilot base: written by one side, confirmed by the other, and what follows for the maturity."""

import hashlib
import secrets
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, User
from achievements.models import Achievement
from achievements.services.revisions import pending_revision, propose_revision
from audit.revisions import version_of
from audit.services import record
from audit.transitions import transition
from core.file_validation import CONTENT_TYPES, checked_upload
from core.plain_text import clean_required_text
from mechanism.models import BaseRequest, TrialFile, TrialResult
from mechanism.services.notifications import notify_trial
from notices.texts.writing import write_sentence
from taxonomy.models import MaturityScale

Status = TrialResult.Status
type Side = Literal["base", "user"]
OTHER: dict[Side, Side] = {"base": "user", "user": "base"}
MAX_FILES = 10


class TrialValues(NamedTuple):
    """cost_wan in 万元. level: on `scale`, 1–13 or 1–9; both empty if the trial says nothing about the maturity."""

    outcome: str
    finished_on: date
    summary: str
    data: str = ""
    cost_wan: Decimal | None = None
    scale: str = ""
    level: int | None = None


def sides_of(request: BaseRequest, user: User) -> list[Side]:
    """For which sides of a request the user speaks.

    The operator speaks for the base, the applicant for itself. Where the operator has no users on the platform, or is
    itself the applicant, city staff speak for the base, so that nobody confirms to himself.
    """
    sides: list[Side] = []
    applicant, operator = request.organisation_id, request.base.organisation_id
    if applicant in user.scope.institution_ids | user.scope.firm_ids:
        sides.append("user")
    if operator and operator != applicant and Membership.objects.active().filter(organisation=operator).exists():
        if operator in user.scope.organisation_ids:
            sides.append("base")
    elif user.scope.is_city:
        sides.append("base")
    return sides


@transaction.atomic
def record_result(request: BaseRequest, values: TrialValues, *, by: User) -> TrialResult:
    """Write the result of an accepted request, or a new version of one that is not confirmed yet.

    It is the word of the side that writes; the other side is asked again. Raises PermissionDenied, ValidationError.
    """
    row = BaseRequest.objects.select_for_update(of=["self"]).select_related("base", "organisation").get(pk=request.pk)
    side = _side(row, by)
    if row.status != BaseRequest.Status.ACCEPTED:
        raise ValidationError("这份申请%(state)s，接受以后才能写结果。" % {"state": row.get_status_display()})
    if values.finished_on > timezone.localdate():
        raise ValidationError("试验结束日期 %(day)s 还没有到，试完再写结果。" % {"day": values.finished_on})
    if values.finished_on < timezone.localdate(row.asked_at):
        raise ValidationError("试验结束日期 %(day)s 早于申请日期，请核对。" % {"day": values.finished_on})
    result = TrialResult.objects.filter(request=row).first() or TrialResult(request=row, version=0)
    if result.status == Status.CONFIRMED:
        raise ValidationError("双方已确认这份结果，不能再改。")
    now = timezone.now()
    result.outcome, result.finished_on, result.cost_wan = values.outcome, values.finished_on, values.cost_wan
    result.summary = clean_required_text(values.summary, "请写明做了什么、结果怎样。", 2000, name="结果")
    result.data, result.maturity_scale, result.maturity_level = values.data, values.scale, values.level
    result.version += 1
    result.recorded_by, result.recorded_at = by, now
    result.status, result.dispute = Status.PROPOSED, ""
    _set_words(result, side, by, now)
    result.full_clean(exclude=["request"])
    result.save()
    record("填写中试结果", row, by=by, changes={"result": [None, result.get_outcome_display()]})
    words = {"基地": str(row.base), "结果": str(result.get_outcome_display())}
    notify_trial(result, write_sentence("mechanism.trial_result", words), OTHER[side], by)
    return result


@transaction.atomic
def confirm_result(result: TrialResult, *, version: int, by: User, is_public: bool = False) -> None:
    """Confirm the version that the page showed, for the side that has not spoken. By another person than the writer.

    is_public: whether everybody may see that the trial was made and how it ended; only the applicant says so.
    Raises PermissionDenied, ValidationError.
    """
    side = _waiting_side(result, by)
    values: dict[str, Any] = {f"{side}_by": by, f"{side}_at": timezone.now(), "status": Status.CONFIRMED}
    if side == "user":
        values["is_public"] = is_public
    transition(
        result,
        when={"status": Status.PROPOSED, "version": version, f"{side}_by": None},
        values=values,
        refusal=_refusal,
        action="确认中试结果",
        by=by,
        changes={"status": [Status.PROPOSED, Status.CONFIRMED]},
    )
    text = write_sentence("mechanism.trial_confirmed", {"基地": str(result.request.base)})
    notify_trial(result, text, OTHER[side], by)


@transaction.atomic
def dispute_result(result: TrialResult, *, version: int, reason: str, by: User) -> None:
    """Object to a result, for the side that has not spoken; the writer corrects it. Raises as `confirm_result`."""
    side = _waiting_side(result, by)
    reason = clean_required_text(reason, "请写明哪里不对，例如“收率应为 91.2%”。", 500)
    transition(
        result,
        when={"status": Status.PROPOSED, "version": version, f"{side}_by": None},
        values={"status": Status.DISPUTED, "dispute": reason},
        refusal=_refusal,
        action="对中试结果提出异议",
        by=by,
        changes={"status": [Status.PROPOSED, Status.DISPUTED], "reason": [None, reason[:200]]},
    )
    values = {"基地": str(result.request.base), "原因": reason[:100]}
    notify_trial(result, write_sentence("mechanism.trial_objected", values), OTHER[side], by)


@transaction.atomic
def publish_result(result: TrialResult, *, is_public: bool, by: User) -> None:
    """Let everybody see that the trial was made and how it ended, or take it back. By the applicant."""
    if "user" not in sides_of(result.request, by):
        raise PermissionDenied("是否公开由申请单位决定。")
    transition(
        result,
        when={"status": Status.CONFIRMED, "is_public": not is_public},
        values={"is_public": is_public},
        refusal="双方确认以后才能公开，或者已经是这样了。请刷新页面。",
        action="公开中试结果" if is_public else "撤下中试结果",
        by=by,
        changes={"is_public": [not is_public, is_public]},
    )


@transaction.atomic
def add_trial_file(result: TrialResult, *, content: bytes, name: str, by: User) -> TrialFile:
    """Add a report or a record before the result is confirmed. Raises PermissionDenied, ValidationError."""
    row = TrialResult.objects.select_for_update(of=["self"]).select_related("request__base").get(pk=result.pk)
    _side(row.request, by)
    if row.status == Status.CONFIRMED:
        raise ValidationError("双方已确认这份结果，不能再加文件。")
    name, kind = checked_upload(content, name)
    if row.files.count() >= MAX_FILES:
        raise ValidationError("每份结果最多 %(most)d 个文件。" % {"most": MAX_FILES})
    file = TrialFile(
        result=row,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=by,
    )
    if row.files.filter(sha256=file.sha256).exists():
        raise ValidationError("这个文件已经上传过了。")
    file.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError:
        raise ValidationError("这个文件已经上传过了。") from None
    record("添加中试文件", row.request, by=by, changes={"file": [None, name]})
    return file


def maturity_hindrance(result: TrialResult) -> str:
    """Why the result cannot raise the maturity of the achievement; empty if it can."""
    achievement = result.request.achievement
    if achievement is None:
        return "申请里没有写成果。"
    if result.status != Status.CONFIRMED or result.maturity_level is None:
        return "双方确认的结果里写了达到的等级，才能据此提高成熟度。"
    if result.outcome == TrialResult.Outcome.MISSED:
        return "试验没有达到预期，不能据此提高成熟度。"
    if result.revision_id:
        return "已据此提出过修改。"
    if achievement.status not in Achievement.REVISABLE:
        return "成果还没有入库或已下架；没有入库的请直接在成果里填写等级。"
    same_scale = achievement.maturity_scale == result.maturity_scale
    if achievement.maturity_level and not same_scale:
        return (
            "成果按“%s”填写等级，与试验所用的标准不同，请在成果里自行修改。" % achievement.get_maturity_scale_display()
        )
    if achievement.maturity_level and result.maturity_level <= achievement.maturity_level:
        return f"成果已是第 {achievement.maturity_level} 级，不低于试验达到的等级。"
    return ""


@transaction.atomic
def propose_maturity(result: TrialResult, *, by: User) -> None:
    """Propose the level that the trial reached, with the trial as evidence; the city decides as about any revision.

    By the institution of the achievement. Raises PermissionDenied, ValidationError.
    """
    row = TrialResult.objects.select_for_update(of=["self"]).select_related("request__base").get(pk=result.pk)
    achievement = row.request.achievement
    if achievement is None or achievement.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("由成果的完成单位提出。")
    if why := maturity_hindrance(row):
        raise ValidationError(why)
    if pending_revision(achievement):
        raise ValidationError("这项成果已有一份修改在等审核，请等市里决定后再提出。")
    base, day = row.request.base, row.finished_on
    evidence = (
        f"{day.year}年{day.month}月{day.day}日在“{base}”完成{base.get_kind_display()}试验，"
        f"结论：{row.get_outcome_display()}，基地和申请单位都已确认。"
    )
    fields = {
        "maturity_scale": row.maturity_scale or MaturityScale.TRL9,
        "maturity_level": row.maturity_level,
        "maturity_evidence": "\n".join(filter(None, [achievement.maturity_evidence, evidence])),
        "maturity_assessed_by": base.name,
        "maturity_assessed_on": day,
    }
    proposal = propose_revision(achievement, fields, by=by, detail_rows={}, seen=version_of(achievement, None))
    TrialResult.objects.filter(pk=row.pk, revision=None).update(revision=proposal.revision)
    record("据中试结果提高成熟度", row.request, by=by, changes={"level": [None, row.maturity_level]})
    result.refresh_from_db()


def _side(request: BaseRequest, by: User) -> Side:
    sides = sides_of(request, by)
    if not sides:
        raise PermissionDenied("中试结果由基地和申请单位填写、确认。")
    return sides[0]


def _waiting_side(result: TrialResult, by: User) -> Side:
    """The side of the user that has not spoken. Raises PermissionDenied, also if the user has spoken for the other."""
    waiting: list[Side] = [side for side in sides_of(result.request, by) if getattr(result, f"{side}_by_id") is None]
    if not waiting:
        raise PermissionDenied("请对方确认这份结果。")
    if by.pk in {result.base_by_id, result.user_by_id}:
        raise PermissionDenied("您已代表一方确认，另一方请另一位来确认。")
    return waiting[0]


def _set_words(result: TrialResult, side: Side, by: User, now: Any) -> None:
    for name in OTHER:
        setattr(result, f"{name}_by", by if name == side else None)
        setattr(result, f"{name}_at", now if name == side else None)


def _refusal(row: TrialResult) -> str:
    if row.status == Status.PROPOSED:
        return "对方刚刚改过这份结果，请刷新页面，看过再确认。"
    return f"这份结果现在是“{row.get_status_display()}”，请刷新页面查看。"
