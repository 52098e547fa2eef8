"""What is done for a verified request: consent withdrawn, data deleted or corrected, copy made, answer given.

City staff handle every request; the administrators of an organisation what their organisation has recorded.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, User
from accounts.services.contacts import correct_contact, withdraw_consent
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from portfolio.services.consents import end_consent
from privacy.models import COPY_LIFETIME, DataRequest
from privacy.person_record import PersonRecord
from privacy.records import records_of
from privacy.services.erasure import ERASERS
from privacy.services.notifications import settle_request, tell_parties
from privacy.services.requests import CLOSED, add_step, require_open

KINDS = {
    "user": "账号",
    "contact": "联系人",
    "sign_up": "注册申请",
    "broker": "技术经纪人",
    "completer": "成果完成人",
    "lead": "成果负责人",
    "attendee": "参会人员",
    "expert": "评价专家",
    "share": "收益份额",
    "objection": "价格公示异议",
    "draft": "从文件起草的成果",
    "handover": "交给完成人的问题",
    "consent": "完成人同意",
    "letter": "每月来信",
}


def records_for(request: DataRequest, by: User) -> list[PersonRecord]:
    """The rows that the user may handle for the request."""
    rows = records_of(request)
    if by.scope.sees_all:
        return rows
    own = set(
        Membership.objects.administrators()
        .filter(user=by)
        .exclude(organisation__kind="city")
        .values_list("organisation", flat=True)
    )
    return [row for row in rows if row.organisation and row.organisation.pk in own and row.kind != "user"]


@transaction.atomic
def withdraw_consents(request: DataRequest, keys: Collection[str], *, by: User) -> int:
    """Withdraw the consent of the chosen contacts and completers.

    A contact is not shown from this moment, shares end, parties are told; an achievement on offer is paused.
    """

    def withdraw(row: PersonRecord) -> None:
        tell_parties(row.row, withdraw_consent(row.row, by=by))  # type: ignore[arg-type]  # a Contact

    def end(row: PersonRecord) -> None:
        end_consent(row.row, request.name, by=by)  # type: ignore[arg-type]  # a CompleterConsent

    return _for_each(request, keys, {"contact": withdraw, "consent": end}, "撤回同意", by)


@transaction.atomic
def confirm_records(request: DataRequest, keys: Collection[str], *, by: User) -> int:
    """An officer has found that the chosen rows are the person's: they come into the copy. City staff only."""
    if not by.scope.is_city:
        raise PermissionDenied("副本由市级专员核对。")
    confirmed: list[str] = []
    kinds = {kind: lambda row: confirmed.append(row.key) for kind in KINDS}
    count = _for_each(request, keys, kinds, "确认属于本人", by)
    DataRequest.objects.filter(pk=request.pk).update(confirmed_records=sorted({*request.confirmed_records, *confirmed}))
    return count


@transaction.atomic
def erase_records(request: DataRequest, keys: Collection[str], *, by: User) -> int:
    """Delete the person's data in the chosen rows.

    An account is closed only for a person verified by this account or its mailbox: an officer's word would let one
    officer close the account of another.
    """
    erasers: dict[str, Callable[[PersonRecord], None]] = {
        kind: lambda row, erase=erase: erase(row.row, request.name, by)  # type: ignore[misc]
        for kind, erase in ERASERS.items()
    }
    return _for_each(request, keys, erasers, "删除", by)


@transaction.atomic
def correct_record(request: DataRequest, key: str, *, name: str, phone: str, email: str, by: User) -> None:
    """Correct the details of one contact as the person says. Raises ValidationError."""

    def correct(row: PersonRecord) -> None:
        correct_contact(row.row, name=name, phone=phone, email=email, by=by)  # type: ignore[arg-type]  # a Contact

    _for_each(request, [key], {"contact": correct}, "更正", by)


@transaction.atomic
def answer_request(request: DataRequest, *, by: User, answer: str, refuse: bool = False) -> None:
    """Answer the request. Only the person reads the answer. A request of an unverified person can only be refused.

    Raises PermissionDenied for others than city staff, ValidationError without an answer or if it is answered.
    """
    if not by.scope.is_city:
        raise PermissionDenied("答复由市级专员作出；本单位登记的信息办理后，请在办理记录中说明。")
    example = "没有查到与您身份相符的信息" if refuse else "已删除您作为联系人的姓名和电话"
    answer = clean_required_text(answer, f"请写明答复，例如“{example}”。", 1000, name="答复")
    if not refuse:
        require_open(request)
    transition(
        request,
        when={"status__in": DataRequest.OPEN if refuse else [DataRequest.Status.VERIFIED]},
        values={
            "status": DataRequest.Status.REFUSED if refuse else DataRequest.Status.DONE,
            "handled_by": by,
            "handled_at": timezone.now(),
            "answer": answer,
        },
        refusal=lambda row: f"{row.handled_by or '本人'}已经办结。" if row.handled_at else CLOSED,
        action="不予办理个人信息请求" if refuse else "办结个人信息请求",
        by=by,
    )
    add_step(request, "不予办理" if refuse else "办结并答复", by)
    settle_request(request)


def forget_persons() -> int:
    """Remove who asked from requests that were answered COPY_LIFETIME ago. Returns from how many."""
    old = DataRequest.objects.filter(handled_at__lt=timezone.now() - COPY_LIFETIME).exclude(name="")
    return old.update(name="", email="", phone="", words="", answer="已过保存期", link_hash=None)


def _for_each(
    request: DataRequest,
    keys: Collection[str],
    actions: dict[str, Callable[[PersonRecord], Any]],
    verb: str,
    by: User,
) -> int:
    request = DataRequest.objects.select_for_update().get(pk=request.pk)
    require_open(request)
    if by.scope.is_auditor and not by.scope.is_city:
        raise PermissionDenied("审计员只能查看。")
    chosen = [row for row in records_for(request, by) if row.key in keys]
    if not chosen:
        raise ValidationError("请勾选属于本人的记录；可能刚被其他同事办理，请刷新页面。")
    unfit = [row for row in chosen if row.kind not in actions]
    if unfit:
        raise ValidationError(f"“{unfit[0].label}”不能{verb}，请改选其他办理方式。")
    if verb == "删除" and any(row.kind == "user" and not row.is_sure for row in chosen):
        raise ValidationError("注销账号须由本人登录后提出，或凭账号邮箱中的链接确认。")
    for row in chosen:
        actions[row.kind](row)
        add_step(
            request, f"{verb}：{row.kind} {row.row.pk}{f'（{row.organisation.name}）' if row.organisation else ''}", by
        )
    record(f"{verb}个人信息", request, by=by, changes={"rows": [None, len(chosen)]})
    return len(chosen)
