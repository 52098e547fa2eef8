"""Applications for a firm that is known already: whom they are announced to, who decides, who objects.

The firm's administrators decide (all its users, if none is an administrator). If nobody answers within JOIN_WAIT_DAYS
working days, city staff may decide, with a proof and a reason. An objection of any user of the firm stops that.
"""

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, SignUp, User
from accounts.services.members import has_active_members
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from core.public_id import new_public_id
from core.task_queue import enqueue
from core.workdays import add_workdays
from members.recipients import absolute, mail_contacts, tell_members
from members.services.applicants import tell_applicant
from members.services.sign_ups import (
    check_is_the_firm,
    clean_checks,
    clean_rejection,
    decide,
    grant_account,
    organisation_of,
)
from notices.models import NoticeKind
from notices.services import settle_notices
from notices.texts.writing import write_text


def announce_waiting() -> int:
    """Enqueue announcements that a lost broker has forgotten, or that the registry has made necessary since.

    Returns how many.
    """
    waiting = SignUp.objects.awaiting_approval().select_related("organisation")
    return sum(enqueue("members.tasks.announce_sign_up", row.pk) for row in waiting if _is_to_be_announced(row))


@transaction.atomic
def announce_sign_up(sign_up_id: int) -> None:
    """Tell the users of the firm, or its recorded contacts if it has none. A second call does nothing."""
    sign_up = SignUp.objects.select_for_update(of=["self"]).awaiting_approval().filter(pk=sign_up_id).first()
    if sign_up is None or not _is_to_be_announced(sign_up):
        return
    firm = organisation_of(sign_up)
    sign_up.announced_at, sign_up.organisation = timezone.now(), firm
    if firm is not None and has_active_members(firm):
        _ask_members(sign_up, firm)
    elif firm is not None:
        _ask_contacts(sign_up, firm)
    sign_up.save(update_fields=["announced_at", "organisation", "answer_due_on", "objection_code"])


def _is_to_be_announced(sign_up: SignUp) -> bool:
    """Not announced yet, or the registry has another firm for it now, or the firm has users since."""
    firm = organisation_of(sign_up)
    if sign_up.announced_at is None or firm is None:
        return sign_up.announced_at is None
    has_new_users = sign_up.answer_due_on is None and has_active_members(firm)
    return firm.pk != sign_up.organisation_id or has_new_users


def requests_to(organisation: Organisation) -> list[SignUp]:
    """The open applications that the organisation's users are asked about, oldest first."""
    rows = SignUp.objects.awaiting_approval().filter(organisation=organisation, answer_due_on__isnull=False)
    return list(rows.select_related("objected_by").order_by("submitted_at", "pk"))


def may_answer(organisation: Organisation, by: User) -> bool:
    """Whether the user decides who joins: an administrator, or any user of an organisation without one."""
    administrators = Membership.objects.administrators().filter(organisation=organisation)
    if administrators.exists():
        return administrators.filter(user=by).exists()
    return Membership.objects.active().filter(organisation=organisation, user=by).exists()


@transaction.atomic
def accept_join_request(sign_up: SignUp, *, by: User) -> User:
    """The firm's administrator lets the applicant in."""
    firm = _firm_asked(sign_up, by)
    check_is_the_firm(sign_up, firm)
    password_hash = decide(sign_up, SignUp.Status.APPROVED, by=by)
    user = grant_account(sign_up, firm, password_hash, by=by, checks="由本单位管理员同意")
    _settle(sign_up)
    return user


@transaction.atomic
def refuse_join_request(sign_up: SignUp, *, by: User, reason: str) -> None:
    """The firm's administrator refuses; the applicant reads the reason."""
    firm = _firm_asked(sign_up, by)
    reason = clean_rejection(reason)
    decide(sign_up, SignUp.Status.REJECTED, by=by, note=reason)
    record("不同意加入单位", sign_up, by=by, changes={"status": ["submitted", "rejected"], "reason": [None, reason]})
    tell_members(firm, f"{by.name}没有同意一份加入本单位的申请。", event=f"refused {sign_up.pk}", besides=[by.pk])
    _settle(sign_up)
    tell_applicant(sign_up)


@transaction.atomic
def object_to_join_request(sign_up: SignUp, *, by: User | None, words: str) -> None:
    """A user of the firm, or (`by` is None, who holds the code of the mail) a recorded contact, says no.

    The application then is not approved by staff: only by the firm's own administrators, if it has users.
    """
    if by is not None and not Membership.objects.active().filter(organisation=sign_up.organisation, user=by).exists():
        raise PermissionDenied("只有本单位的用户可以提出异议。")
    words = clean_required_text(words, "请写明异议，例如“本单位没有这个人”。", 300, name="异议")
    transition(
        sign_up,
        when={"status": SignUp.Status.SUBMITTED, "objected_at": None},
        values={"objected_at": timezone.now(), "objected_by": by, "objection": words},
        refusal=lambda row: "已经有人提出异议，申请不会由平台通过。" if row.objected_at else "这份申请已有结果。",
        action="对加入申请提出异议",
        by=by,
        changes={"objection": [None, words]},
    )
    if by and sign_up.organisation:
        text = f"{by.name}对一份加入本单位的申请提出异议，平台不会代为通过。"
        tell_members(sign_up.organisation, text, event=f"objected {sign_up.pk}", besides=[by.pk])


@transaction.atomic
def approve_for_silent_firm(sign_up: SignUp, *, by: User, checks: Collection[str], reason: str) -> User:
    """City staff let the applicant in because nobody of the firm has answered in time.

    Needs an uploaded proof, what was checked and a reason. Everybody of the firm is told.
    """
    if not by.scope.is_city:
        raise PermissionDenied("企业已有用户时，只有市级专员可以在答复期限过后办理。")
    reason = clean_required_text(
        reason, "请写明为什么由市级专员通过，例如“原用户均已离职，有授权书”。", 200, name="理由"
    )
    checked = clean_checks(checks)
    if sign_up.organisation_id is None or sign_up.answer_due_on is None:
        raise ValidationError("这份申请不涉及已有用户的企业，请按一般申请审核。")
    firm = Organisation.objects.select_for_update(of=["self"]).get(pk=sign_up.organisation_id)
    check_is_the_firm(sign_up, firm)
    password_hash = decide(sign_up, SignUp.Status.APPROVED, by=by, note=reason, checks=checked)
    if sign_up.objected_at:
        raise ValidationError("本单位用户已提出异议，不能由平台通过。请退回申请，由申请人与企业协商。")
    if timezone.localdate() <= sign_up.answer_due_on:
        raise ValidationError(
            "企业的答复期限到 %(day)s，请在那之后再办理。", params={"day": f"{sign_up.answer_due_on:%Y-%m-%d}"}
        )
    if not sign_up.proof:
        raise ValidationError("没有营业执照或授权书，不能代企业通过。请申请人在状态页补交。")
    user = grant_account(sign_up, firm, password_hash, by=by, checks=checked)
    record("代企业通过加入申请", sign_up, by=by, changes={"reason": [None, reason]})
    text = f"市科技局核对证明材料后，代为通过了{user.name}加入本单位的申请。如有异议，管理员可以移除并向市科技局反映。"
    tell_members(firm, text, event=f"city {sign_up.pk}", besides=[user.pk])
    _settle(sign_up)
    return user


def dismiss_objection(sign_up: SignUp, *, by: User, reason: str) -> None:
    """City staff dismiss the objection of a contact of a firm without users."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以驳回异议。")
    if sign_up.organisation and has_active_members(sign_up.organisation):
        raise ValidationError("这是企业用户的异议，平台不能驳回。")
    reason = clean_required_text(reason, "请写明驳回异议的理由，例如“已电话核实，联系人两年前离职”。", 200, name="理由")
    transition(
        sign_up,
        when={"status": SignUp.Status.SUBMITTED, "objected_at__isnull": False},
        values={"objected_at": None, "objected_by": None, "objection": ""},
        refusal="这份申请没有待处理的异议。",
        action="驳回异议",
        by=by,
        changes={"objection": [sign_up.objection, None], "reason": [None, reason]},
    )


def _ask_members(sign_up: SignUp, firm: Organisation) -> None:
    sign_up.answer_due_on = add_workdays(timezone.localdate(), settings.JOIN_WAIT_DAYS)
    day = f"{sign_up.answer_due_on.month} 月 {sign_up.answer_due_on.day} 日"
    text = (
        f"有人申请加入本单位。请管理员在 {day}前决定是否同意；无人答复时，市科技局核对证明材料后可以代为通过。"
        "如果不认识申请人，请打开页面提出异议。"
    )
    tell_members(firm, text, event="asked", about=_about(sign_up))


def _ask_contacts(sign_up: SignUp, firm: Organisation) -> None:
    sign_up.objection_code = new_public_id()
    page = absolute(reverse("sign_up_objection", args=[sign_up.objection_code]))
    values = {"平台": settings.SITE["short_name"], "单位": firm.name, "异议链接": page}
    mail_contacts(firm, write_text("members.sign_up_asked", values))


def _firm_asked(sign_up: SignUp, by: User) -> Organisation:
    if sign_up.organisation_id is None or sign_up.answer_due_on is None:
        raise PermissionDenied("这份申请由科技部门审核。")
    firm = Organisation.objects.select_for_update(of=["self"]).get(pk=sign_up.organisation_id)
    if not may_answer(firm, by):
        raise PermissionDenied("只有本单位的管理员可以决定谁加入。")
    return firm


def _about(sign_up: SignUp) -> str:
    return f"sign_up {sign_up.pk}"


def _settle(sign_up: SignUp) -> None:
    settle_notices(_about(sign_up), [NoticeKind.MEMBERS])
