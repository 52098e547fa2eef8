"""收益分配: an institution's office drafts a case with shares, persons confirm theirs, the office decides and pays.

Audit records name no person and no amount of a person: more people may read them than may see the shares.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import transition
from core.file_validation import CONTENT_TYPES, checked_upload
from core.plain_text import clean_reason, clean_required_text
from deals.models import Contract, Deal, IncomeCase, IncomeShare
from deals.models.income import LEAST_REWARD_PERCENT

Status = IncomeCase.Status
FIELDS = ("title", "way", "income_on", "gross_wan", "costs_wan", "costs_note", "low_reward_reason", "deal", "contract")
MOST_SHARES = 60
RESET = {"confirmed_at": None, "objected_at": None, "objection": ""}


def require_office(case: IncomeCase, by: User) -> None:
    if case.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("收益分配由本单位的专员办理。")


def open_case(institution: Organisation, values: Mapping[str, Any], *, by: User) -> IncomeCase:
    """Begin a case. values: those of FIELDS. Raises PermissionDenied, ValidationError."""
    case = IncomeCase(institution=institution, made_by=by)
    require_office(case, by)
    _set_values(case, values, by)
    case.save(force_insert=True)
    record("拟订收益分配", case, by=by, changes={"way": [None, case.way]})
    return case


@transaction.atomic
def edit_case(case: IncomeCase, values: Mapping[str, Any], *, by: User) -> None:
    """Change a draft. Another income or costs void what persons confirmed. Raises PermissionDenied, ValidationError."""
    row = _locked_draft(case, by)
    before = row.net_wan
    _set_values(row, values, by)
    row.save()
    if row.net_wan != before:
        row.shares.update(**RESET)
    record("修改收益分配", row, by=by, changes={"way": [None, row.way]})
    case.refresh_from_db()


def _set_values(case: IncomeCase, values: Mapping[str, Any], by: User) -> None:
    for name in FIELDS:
        if name in values:
            setattr(case, name, values[name])
    if case.income_on and case.income_on > timezone.localdate():
        raise ValidationError({"income_on": "取得收入的日期不能晚于今天。"})
    if case.deal_id and not Deal.objects.visible_to(by).filter(pk=case.deal_id, seller=case.institution_id).exists():
        raise ValidationError({"deal": "请选择本单位转让的成交项目。"})
    if (
        case.contract_id
        and not Contract.objects.visible_to(by).filter(pk=case.contract_id, seller=case.institution_id).exists()
    ):
        raise ValidationError({"contract": "请选择本单位作为卖方的合同。"})
    case.full_clean(exclude=["institution"])


@transaction.atomic
def save_share(
    case: IncomeCase, *, name: str, part: str, amount_wan: Decimal, user: User | None, by: User,
    share: IncomeShare | None = None,
) -> IncomeShare:  # fmt: skip
    """Add a share to a draft, or change one, which voids its confirmation and its link.

    `user`: the person's account in the institution, None for a person without. Raises PermissionDenied,
    ValidationError if the shares come to more than the net income.
    """
    row = _locked_draft(case, by)
    if user is not None and not user.memberships.filter(organisation=row.institution_id).exists():
        raise ValidationError({"user": "请选择本单位的账号；没有账号的人用链接确认。"})
    if share is None and row.shares.count() >= MOST_SHARES:
        raise ValidationError(f"一项分配最多 {MOST_SHARES} 人，请分成几项。")
    share = share or IncomeShare(case=row)
    changed = (share.name, share.amount_wan, share.user_id) != (name.strip(), amount_wan, user.pk if user else None)
    share.name, share.part, share.amount_wan, share.user = name.strip(), part.strip(), amount_wan, user
    if changed:
        share.confirmed_at, share.objected_at, share.objection = None, None, ""
        share.issue = (share.issue or 0) + bool(share.pk)
    share.full_clean(exclude=["case", "user"])
    _check_total(row, share)
    share.save()
    record("填写收益份额", row, by=by, changes={"shares": [None, row.shares.count()]})
    return share


def _check_total(case: IncomeCase, share: IncomeShare) -> None:
    others = reward_of(case, without=share)
    if others + share.amount_wan > case.net_wan:
        raise ValidationError(
            {"amount_wan": f"个人份额合计会超过净收入 {case.net_wan} 万元，这里最多填 {case.net_wan - others}。"}
        )


def reward_of(case: IncomeCase, *, without: IncomeShare | None = None) -> Decimal:
    """The sum of the shares of a case, in 万元."""
    amounts = case.shares.exclude(pk=(without.pk if without else None) or 0).values_list("amount_wan", flat=True)
    return sum(amounts, Decimal(0))


@transaction.atomic
def remove_share(share: IncomeShare, *, by: User) -> None:
    """Take a share out of a draft. Raises PermissionDenied, ValidationError."""
    row = _locked_draft(share.case, by)
    share.delete()
    record("删去收益份额", row, by=by, changes={"shares": [None, row.shares.count()]})


def is_below_law(case: IncomeCase) -> bool:
    """Whether persons get less of the net income of a transfer, licence or investment than the law asks for."""
    least = case.net_wan * LEAST_REWARD_PERCENT / 100
    return case.way in IncomeCase.REWARDED and reward_of(case) < least


@transaction.atomic
def answer_share(share: IncomeShare, *, amount_wan: str, objection: str | None, by: User | None) -> None:
    """The person confirms the amount that the page showed, or objects to it; the last word counts until the decision.

    `by`: the person's account, None through the link. `objection`: None to confirm. Raises PermissionDenied,
    ValidationError if the amount has changed meanwhile.
    """
    case = IncomeCase.objects.select_for_update(of=["self"]).get(pk=share.case_id)
    row = IncomeShare.objects.select_for_update(of=["self"]).get(pk=share.pk)
    if by is not None and row.user_id != by.pk:
        raise PermissionDenied("这是别人的份额。")
    if not case.is_draft:
        raise ValidationError("分配已经定了，不能再答复。有疑问请联系本单位。")
    if str(row.amount_wan) != amount_wan:
        raise ValidationError("金额刚刚改过，请看看现在的金额再答复。")
    if objection is None:
        row.confirmed_at, row.objected_at, row.objection = timezone.now(), None, ""
    else:
        prompt = "请写明异议的内容，不少于 5 个字。"
        objection = clean_required_text(objection, prompt, 300, name="异议")
        if len(objection) < 5:
            raise ValidationError(prompt)
        row.confirmed_at, row.objected_at, row.objection = None, timezone.now(), objection
    row.save(update_fields=["confirmed_at", "objected_at", "objection"])
    text = "本人确认收益份额" if objection is None else "本人对收益份额有异议"
    record(text, case, by=by, changes={"by_link": [None, by is None]})


@transaction.atomic
def store_evidence(case: IncomeCase, *, content: bytes, name: str, by: User) -> None:
    """The signed plan (分配方案) of a draft; replaces an earlier one. Raises PermissionDenied, ValidationError."""
    row = _locked_draft(case, by)
    name, kind = checked_upload(content, name)
    row.evidence_name, row.evidence_type = name, CONTENT_TYPES[kind]
    row.evidence.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    row.save(update_fields=["evidence", "evidence_name", "evidence_type"])
    record("上传分配方案", row, by=by, changes={"file": [None, name]})
    case.refresh_from_db()


@transaction.atomic
def decide_case(case: IncomeCase, *, by: User) -> None:
    """拟订中 → 已定: from then on nothing changes but the days of payment.

    Everybody has confirmed; below the least reward by law there is a reason. Raises PermissionDenied, ValidationError.
    """
    row = _locked_draft(case, by)
    shares = list(row.shares.all())
    faults = []
    if not shares:
        faults.append("还没有填个人份额。")
    if objected := [share.name for share in shares if share.objected_at]:
        faults.append(f"{'、'.join(objected)}有异议，请商定后修改份额。")
    if waiting := [share.name for share in shares if not share.confirmed_at and not share.objected_at]:
        faults.append(f"{'、'.join(waiting)}还没有确认。")
    if not row.evidence:
        faults.append("请先上传分配方案（本单位盖章或会议纪要）。")
    if is_below_law(row) and not row.low_reward_reason:
        faults.append(f"奖励低于净收入的 {LEAST_REWARD_PERCENT}%，请填写依据；没有约定的，法律要求不低于 50%。")
    if faults:
        raise ValidationError(faults)
    transition(
        row,
        when={"status": Status.DRAFT},
        values={"status": Status.DECIDED, "decided_by": by, "decided_at": timezone.now()},
        refusal="这项分配已经定了。",
        action="确定收益分配",
        by=by,
        changes={"status": [Status.DRAFT, Status.DECIDED]},
    )
    case.refresh_from_db()


@transaction.atomic
def record_payout(case: IncomeCase, shares: list[IncomeShare], *, paid_on: date, by: User) -> int:
    """The day on which persons were paid. Returns how many were noted. Raises PermissionDenied, ValidationError."""
    require_office(case, by)
    row = IncomeCase.objects.select_for_update(of=["self"]).get(pk=case.pk)
    if row.status != Status.DECIDED:
        raise ValidationError("分配定了以后才能记发放。")
    if not row.income_on <= paid_on <= timezone.localdate():
        raise ValidationError("发放日期不早于取得收入的日期，也不晚于今天。")
    keys = [share.pk for share in shares]
    number = row.shares.filter(pk__in=keys, paid_on=None).update(paid_on=paid_on)
    if not number:
        raise ValidationError("请勾选还没有发放的人。")
    record("记录奖励发放", row, by=by, changes={"paid_on": [None, paid_on.isoformat()], "shares": [None, number]})
    return number


def cancel_case(case: IncomeCase, *, reason: str, by: User) -> None:
    """Void a case that was not paid. Raises PermissionDenied, ValidationError."""
    require_office(case, by)
    reason = clean_reason(reason, "金额算错了，重新拟订", 200)
    if case.shares.filter(paid_on__isnull=False).exists():
        raise ValidationError("已经发放过的不能作废。")
    before = case.status
    transition(
        case,
        when={"status__in": [Status.DRAFT, Status.DECIDED]},
        values={
            "status": Status.CANCELLED, "cancelled_reason": reason, "decided_at": None, "decided_by": None
        },
        refusal="这项分配已经作废了。",
        action="作废收益分配",
        by=by,
        changes={"status": [before, Status.CANCELLED], "reason": [None, reason]},
    )  # fmt: skip


def replace_link(share: IncomeShare, *, by: User) -> None:
    """A new link; the earlier one no longer opens. Raises PermissionDenied."""
    require_office(share.case, by)
    share.issue += 1
    share.save(update_fields=["issue"])
    record("更换收益确认链接", share.case, by=by)


def _locked_draft(case: IncomeCase, by: User) -> IncomeCase:
    require_office(case, by)
    row = IncomeCase.objects.select_for_update(of=["self"]).get(pk=case.pk)
    if not row.is_draft:
        raise ValidationError(f"这项分配{row.get_status_display()}，不能再改。")
    return row
