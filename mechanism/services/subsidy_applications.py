"""What an applicant does with an application for 专项资金: begin, fill in, submit, withdraw, ask for the acceptance."""

import hashlib
import secrets
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from audit.transitions import constraint_message, transition
from core.file_validation import CONTENT_TYPES, checked_upload
from core.plain_text import clean_required_text
from deals.models import Contract
from mechanism.models import SubsidyApplication, SubsidyCall, SubsidyFile
from mechanism.services.subsidy_notices import notify_city, settle_earlier_notices
from mechanism.subsidy_terms import achievements_of, basis_of, contracts_of, missing_parts, most_of, sheet_of
from mechanism.subsidy_words import day_text

Status = SubsidyApplication.Status
MAX_FILES = 40
LEAST_REPORT = 20
"""Characters."""
TEXTS = ("title", "content", "goals")


def require_own(application: SubsidyApplication, by: User) -> None:
    if application.organisation_id not in by.scope.institution_ids | by.scope.firm_ids:
        raise PermissionDenied("您不能代表这个单位申报。")


@transaction.atomic
def start_application(
    call: SubsidyCall,
    *,
    organisation: Organisation,
    by: User,
    achievement: Achievement | None = None,
    contract: Contract | None = None,
) -> SubsidyApplication:
    """A draft, prefilled from the contract and the achievement. Raises PermissionDenied, ValidationError."""
    if organisation.pk not in by.scope.institution_ids | by.scope.firm_ids:
        raise PermissionDenied("您不能代表这个单位申报。")
    if not SubsidyCall.objects.open().filter(pk=call.pk).exists():
        raise ValidationError(f"“{call}”现在不接受申报（{day_text(call.opens_on)}至{day_text(call.closes_on)}）。")
    if not call.takes(organisation):
        raise ValidationError(f"这次申报面向{call.get_audience_display()}，贵单位不在范围内。")
    if contract is not None and not contracts_of(organisation).filter(pk=contract.pk).exists():
        raise PermissionDenied("这不是贵单位已计入成交额的合同。")
    if achievement is None and contract is not None and contract.deal is not None:
        achievement = contract.deal.achievement
    elif achievement is not None and not achievements_of(organisation).filter(pk=achievement.pk).exists():
        raise PermissionDenied("这不是贵单位已入库的成果。")
    if call.rate_basis == SubsidyCall.Basis.CONTRACT and contract is None:
        raise ValidationError("这次申报按合同计算，请选择一份已认定登记的技术合同。还没有登记的，请先登记。")
    _check_not_granted_before(call, organisation, contract)
    own = achievement if achievement and achievement.institution_id == organisation.pk else None
    basis = basis_of(call, contract)
    row = SubsidyApplication(
        call=call,
        organisation=organisation,
        achievement=achievement,
        contract=contract,
        title=(contract.name if contract else achievement.title if achievement else "")[:120],
        content=own.summary[:3000] if own else "",
        basis_wan=basis,
        requested_wan=call.most_for(basis) if basis else None,
        created_by=by,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, SubsidyApplication)) from None
    record("开始填写专项资金申报", row, by=by)
    return row


def _check_not_granted_before(call: SubsidyCall, organisation: Organisation, contract: Contract | None) -> None:
    """One contract is supported once by a policy, also under the call of another year."""
    if contract is None:
        return
    before = SubsidyApplication.objects.live().filter(
        organisation=organisation, contract=contract, call__budget__policy=call.budget.policy
    )
    if other := before.exclude(call=call).select_related("call").first():
        raise ValidationError(
            f"贵单位已用这份合同申报过“{other.call}”（{other.get_status_display()}），同一份合同不能重复申报。"
        )


@transaction.atomic
def save_application(application: SubsidyApplication, *, values: dict[str, Any], by: User) -> None:
    """Save `title`, `content`, `goals`, `requested_wan` and, where the applicant states it, `basis_wan`.

    Only while it is a draft or returned. Raises PermissionDenied, ValidationError.
    """
    require_own(application, by)
    row = _locked_editable(application)
    for name in TEXTS:
        setattr(row, name, values.get(name, ""))
    row.requested_wan = values.get("requested_wan")
    known = basis_of(row.call, row.contract)
    row.basis_wan = values.get("basis_wan") if known is None else known
    row.full_clean(exclude=["call", "organisation", "achievement", "contract", "created_by", "sheet"])
    row.save(update_fields=[*TEXTS, "requested_wan", "basis_wan"])
    record("修改专项资金申报", row, by=by)
    application.refresh_from_db()


@transaction.atomic
def add_subsidy_file(
    application: SubsidyApplication, *, material: str, content: bytes, name: str, by: User
) -> SubsidyFile:
    """Store a file for one of the materials that the call asks for. Raises PermissionDenied, ValidationError."""
    require_own(application, by)
    row = _locked_editable(application)
    if material not in {line[:200] for line in row.call.material_lines}:
        raise ValidationError("请选择这个文件是哪一项材料。")
    name, kind = checked_upload(content, name)
    digest = hashlib.sha256(content).hexdigest()
    kept = row.files.kept()
    if kept.filter(sha256=digest, material=material).exists():
        raise ValidationError(f"“{name}”已经上传过了。")
    if kept.count() >= MAX_FILES:
        raise ValidationError(f"一份申报最多 {MAX_FILES} 个文件，请先移除不需要的。")
    file = SubsidyFile(
        application=row,
        material=material,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=digest,
        added_by=by,
    )
    file.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    file.save(force_insert=True)
    record("上传申报材料", row, by=by, changes={"file": [None, name]})
    return file


@transaction.atomic
def remove_subsidy_file(file: SubsidyFile, *, by: User) -> None:
    """Hide a file of a draft; it is kept. Raises PermissionDenied, ValidationError."""
    require_own(file.application, by)
    row = _locked_editable(file.application)
    if not SubsidyFile.objects.kept().filter(pk=file.pk).update(removed_at=timezone.now()):
        raise ValidationError(f"“{file}”已经移除了。")
    record("移除申报材料", row, by=by, changes={"file": [file.name, None]})


@transaction.atomic
def submit_application(application: SubsidyApplication, *, by: User, agrees: bool) -> None:
    """Submit a complete application. `agrees`: the applicant agrees that name, project and amount are publicised.

    Raises PermissionDenied, or ValidationError with one message for each thing that is missing.
    """
    require_own(application, by)
    row = _locked_editable(application)
    if not agrees:
        raise ValidationError("请勾选：知道拟支持时会公示单位名称、项目名称和金额，并承诺内容真实。")
    if missing := missing_parts(row):
        raise ValidationError(missing)
    _check_not_granted_before(row.call, row.organisation, row.contract)
    known = basis_of(row.call, row.contract)
    now, before = timezone.now(), row.status
    transition(
        application,
        when={"status": before},
        values={
            "status": Status.SUBMITTED,
            "status_at": now,
            "submitted_at": now,
            "basis_wan": row.basis_wan if known is None else known,
            "ceiling_wan": most_of(row),
            "sheet": sheet_of(row),
            "mend_until": None,
        },
        refusal="这份申报刚刚有了变化，请刷新页面。",
        action="提交专项资金申报",
        by=by,
        changes={"status": [before, Status.SUBMITTED], "requested_wan": [None, str(row.requested_wan)]},
    )
    settle_earlier_notices(application)
    notify_city(
        application, f"{row.organisation}提交了专项资金申报“{row.title[:60]}”，请受理。", f"in {now:%Y%m%d%H%M%S}"
    )


@transaction.atomic
def withdraw_application(application: SubsidyApplication, *, by: User, reason: str) -> None:
    """Withdraw before a decision. Raises PermissionDenied, ValidationError."""
    require_own(application, by)
    reason = clean_required_text(reason, "请写明撤回的原因。", 1000)
    before = application.status
    transition(
        application,
        when={"status__in": [Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REVIEW]},
        values={"status": Status.WITHDRAWN, "status_at": timezone.now(), "end_reason": reason, "mend_until": None},
        refusal=lambda row: f"这份申报{row.get_status_display()}，不能撤回。",
        action="撤回专项资金申报",
        by=by,
        changes={"status": [before, Status.WITHDRAWN], "reason": [None, reason]},
    )
    settle_earlier_notices(application)


@transaction.atomic
def report_result(application: SubsidyApplication, *, report: str, by: User) -> None:
    """Ask for the acceptance (验收) of a confirmed grant. Raises PermissionDenied, ValidationError."""
    require_own(application, by)
    report = clean_required_text(report, "请对照验收目标写明完成情况。", 3000)
    if len(report) < LEAST_REPORT:
        raise ValidationError(f"“完成情况”请写到 {LEAST_REPORT} 个字以上，对照验收目标逐条说明。")
    now = timezone.now()
    transition(
        application,
        when={"status": Status.GRANTED},
        values={"status": Status.REPORTED, "status_at": now, "report": report, "reported_at": now},
        refusal=lambda row: f"这份申报{row.get_status_display()}，不能申请验收。",
        action="申请专项资金验收",
        by=by,
        changes={"status": [Status.GRANTED, Status.REPORTED]},
    )
    settle_earlier_notices(application)
    notify_city(
        application, f"{application.organisation}申请验收“{application.title[:60]}”。", f"report {now:%Y%m%d%H%M%S}"
    )


def _locked_editable(application: SubsidyApplication) -> SubsidyApplication:
    row = (
        SubsidyApplication.objects.select_for_update(no_key=True, of=("self",))
        .select_related("call__budget__policy", "organisation__stat_region", "achievement__institution", "contract")
        .get(pk=application.pk)
    )
    if not row.is_editable:
        raise ValidationError(f"这份申报{row.get_status_display()}，不能再改。")
    return row
