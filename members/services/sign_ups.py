"""A firm's application for an account: submitting it, deciding it when the firm has no users yet.

`join_requests` decides applications for a firm that has users. What an application is about is found out by
`announce_sign_up`, in a task, so that the answer to the applicant is the same, and takes the same time, whether a firm
or a user name is known or not.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, Region, Role, SignUp, User
from accounts.services.members import add_member, has_active_members
from audit.services import record
from core.file_validation import detect_file_type, safe_file_name
from core.task_queue import enqueue
from members.recipients import tell_members
from members.services.applicants import tell_applicant
from sheets.credit_code import normalize_credit_code

CHECKS = ("已核对营业执照", "已核对授权书", "已按公开的企业电话回访")
"""What the person who approves may have checked; at least one."""
PROOF_TYPES = ("pdf", "png", "jpg")
PROOF_LIFETIME = timedelta(days=180)
"""So long after the decision a proof can be checked again; it may show more than the platform needs."""
OTHER_APPROVED = (
    "没有核实到申请人与企业的关系。如果您在这家企业工作，请先在企业内部联系负责本平台的同事，"
    "或向所属区市县科技部门咨询。"
)  # fmt: skip
"""The reason for the other open applications of a firm. It does not say that the firm now has a user."""


class Proof(NamedTuple):
    """An uploaded licence or authorisation."""

    name: str
    content: bytes


def submit_sign_up(
    *,
    firm_name: str,
    credit_code: str,
    stat_region: Region,
    username: str,
    name: str,
    phone: str,
    password: str,
    consented: bool,
    email: str = "",
    proof: Proof | None = None,
) -> SignUp:
    """Submit a firm's application for an account.

    The application holds the hash of the password until it is decided. Neither the firm nor the user name is looked
    up. Sent twice with all values alike it is one application. Raises ValidationError with messages by field.
    """
    sign_up = SignUp(
        firm_name=firm_name.strip(),
        credit_code=_normalized(credit_code),
        stat_region=stat_region,
        username=User.normalize_username(username.strip()),
        name=name.strip(),
        phone=phone.strip(),
        email=email.strip(),
        consented_at=timezone.now(),
    )
    problems: dict[str, list[Any]] = (
        {} if consented else {"consent": ["请勾选同意，否则不能保存您的联系方式，也就不能受理注册。"]}
    )
    try:
        validate_password(password, User(username=sign_up.username, name=sign_up.name, email=sign_up.email))
    except ValidationError as error:
        problems["password"] = error.messages
    try:
        sign_up.full_clean(exclude=["password_hash"])
    except ValidationError as error:
        problems = error.update_error_dict(problems)
    if proof:
        try:
            _attach(sign_up, proof)
        except ValidationError as error:
            problems["proof"] = error.messages
    if problems:
        raise ValidationError(problems)
    sign_up.password_hash = make_password(password)
    with transaction.atomic():
        _wait_for_others_of(sign_up.credit_code)
        if sent_before := _sent_before(sign_up, password):
            return sent_before
        sign_up.save(force_insert=True)
        record("提交注册申请", sign_up, by=None)
        transaction.on_commit(lambda: enqueue("members.tasks.announce_sign_up", sign_up.pk))
    return sign_up


def _wait_for_others_of(credit_code: str) -> None:
    """Let applications with one credit code be stored one after the other, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sign-up {credit_code}"])


@transaction.atomic
def add_proof(sign_up: SignUp, proof: Proof) -> None:
    """Add or replace the proof of an open application. The caller holds its secret link."""
    row = SignUp.objects.select_for_update().get(pk=sign_up.pk)
    if row.status != SignUp.Status.SUBMITTED:
        raise ValidationError("这份申请已有结果，不能再补交材料。")
    _attach(row, proof)
    row.save(update_fields=["proof", "proof_name"])
    record("补交证明材料", row, by=None)


def delete_old_proofs() -> int:
    """Remove the proofs of applications decided PROOF_LIFETIME ago from the storage. Returns how many."""
    old = SignUp.objects.filter(decided_at__lt=timezone.now() - PROOF_LIFETIME).exclude(proof="")
    for sign_up in old:
        sign_up.proof.delete(save=False)
        SignUp.objects.filter(pk=sign_up.pk).update(proof="", proof_name="")
        record("删除过期的证明材料", sign_up, by=None)
    return len(old)


@transaction.atomic
def approve_sign_up(sign_up: SignUp, *, by: User, checks: Collection[str] = ()) -> User:
    """Create the user with the chosen password, the firm if it is new, and the membership as its administrator.

    A firm that is already in the registry needs a proof, because its first user sees what is recorded of it. A firm
    with users of its own is not joined this way. Other open applications for the firm are closed. Raises
    PermissionDenied outside the scope of `by`; ValidationError without a check, without the proof, with an open
    objection, if the application is already decided, or if the firm belongs to another district or has another code.
    """
    require_district_of(sign_up, by)
    checked = clean_checks(checks)
    password_hash = decide(sign_up, SignUp.Status.APPROVED, by=by, checks=checked)
    firm = _lock_firm(sign_up)
    if firm is not None:
        _check_may_take_over(sign_up, firm, by)
        if not firm.credit_code:
            Organisation.objects.filter(pk=firm.pk, credit_code="").update(credit_code=sign_up.credit_code)
            record("修改", firm, by=by, changes={"credit_code": ["", sign_up.credit_code]})
    return grant_account(sign_up, firm, password_hash, by=by, checks=checked)


@transaction.atomic
def reject_sign_up(sign_up: SignUp, *, by: User, reason: str) -> None:
    """Reject the application. Its status page shows the reason to the applicant."""
    require_district_of(sign_up, by)
    reason = clean_rejection(reason)
    decide(sign_up, SignUp.Status.REJECTED, by=by, note=reason)
    record("退回注册申请", sign_up, by=by, changes={"status": ["submitted", "rejected"], "reason": [None, reason]})
    tell_applicant(sign_up)


def organisation_of(sign_up: SignUp) -> Organisation | None:
    """The organisation in the registry with this credit code, else that with this name, whatever its brackets."""
    by_code = Organisation.objects.filter(credit_code=sign_up.credit_code).first()
    return by_code or Organisation.objects.filter(name__in=_spellings(sign_up.firm_name)).first()


def other_open_applications(sign_up: SignUp) -> list[SignUp]:
    """Open applications of others for the same firm, by code or by name."""
    open_ones = SignUp.objects.awaiting_approval().exclude(pk=sign_up.pk)
    same_firm = Q(credit_code=sign_up.credit_code) | Q(firm_name__in=_spellings(sign_up.firm_name))
    return list(open_ones.filter(same_firm).order_by("submitted_at", "pk")[:20])


# --- For the services of this package ----------------------------------------------------------------------------
def require_district_of(sign_up: SignUp, by: User) -> None:
    if not (by.scope.is_city or sign_up.stat_region_id in by.scope.region_ids):
        raise PermissionDenied("这份申请由其他区市县审核。")


def clean_checks(checks: Collection[str]) -> str:
    known = [check for check in CHECKS if check in checks]
    if not known:
        raise ValidationError("请勾选您核对过什么（至少一项），再通过申请。")
    return "、".join(known)


def clean_rejection(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError("请写明退回理由，申请人会看到，例如“营业执照名称与信用代码不一致”。")
    if len(reason) > 200:
        raise ValidationError("退回理由请不要超过 200 字。")
    return reason


def decide(sign_up: SignUp, status: str, *, by: User, note: str = "", checks: str = "") -> str:
    """Decide an open application and return its password hash. Raises ValidationError if it is already decided."""
    decided = SignUp.objects.filter(pk=sign_up.pk, status=SignUp.Status.SUBMITTED).update(
        status=status, decided_by=by, decided_at=timezone.now(), decision_note=note, checks=checks
    )
    sign_up.refresh_from_db()
    if not decided:
        raise ValidationError(
            "这份申请已由%(who)s处理：%(status)s，请刷新页面。",
            params={"who": sign_up.decided_by, "status": sign_up.get_status_display()},
        )
    password_hash = sign_up.password_hash
    SignUp.objects.filter(pk=sign_up.pk).update(password_hash="")
    return password_hash


def grant_account(sign_up: SignUp, firm: Organisation | None, password_hash: str, *, by: User, checks: str) -> User:
    """Create the account and the membership of a decided application, tell the applicant and the firm's members."""
    try:
        with transaction.atomic():
            firm = firm or _create_firm(sign_up, by)
    except IntegrityError as error:
        raise ValidationError("同名的企业刚刚建立，请刷新后重试。") from error
    user = create_user(sign_up.username, password_hash, name=sign_up.name, phone=sign_up.phone, email=sign_up.email)
    add_member(user, firm, Role.FIRM, by=None)
    SignUp.objects.filter(pk=sign_up.pk).update(user=user, organisation=firm)
    sign_up.refresh_from_db()
    changes = {"status": ["submitted", "approved"], "organisation": [None, firm.name], "checks": [None, checks]}
    record("通过注册申请", sign_up, by=by, changes=changes)
    _close_others(sign_up, by)
    text = f"{user.name}已加入本单位，可以查看和处理本单位的事项。如有疑问，管理员可以移除。"
    tell_members(firm, text, event=f"joined {user.pk}", besides=[user.pk])
    tell_applicant(sign_up)
    return user


def create_user(wanted: str, password_hash: str, **fields: str) -> User:
    """A user with this user name, or with a number after it if another user has it."""
    for number in range(100):
        username = wanted if number == 0 else f"{wanted[:24]}{secrets.randbelow(9000) + 1000}"
        if User.objects.filter(username__iexact=username).exists():
            continue
        try:
            with transaction.atomic():
                return User.objects.create(username=username, password=password_hash, **fields)
        except IntegrityError:  # another approval has just taken the name
            continue
    raise ValidationError("没有可用的用户名，请稍后重试。")


def _spellings(name: str) -> set[str]:
    """The name with half-width and with full-width brackets; both occur for the same firm."""
    return {name, name.replace("（", "(").replace("）", ")"), name.replace("(", "（").replace(")", "）")}


def _normalized(credit_code: str) -> str:
    try:
        return normalize_credit_code(credit_code)
    except ValueError:
        return credit_code.strip()  # the validator of the field refuses it


def _attach(sign_up: SignUp, proof: Proof) -> None:
    name = safe_file_name(proof.name)
    kind = detect_file_type(proof.content, name, PROOF_TYPES)
    sign_up.proof_name = name
    sign_up.proof = ContentFile(proof.content, name=f"{secrets.token_hex(16)}.{kind}")


def _sent_before(sign_up: SignUp, password: str) -> SignUp | None:
    """The open application that differs in nothing: a form sent twice."""
    fields = ("firm_name", "credit_code", "stat_region", "username", "name", "phone", "email")
    values = {field: getattr(sign_up, field) for field in fields}
    earlier = SignUp.objects.awaiting_approval().filter(**values).first()
    return earlier if earlier and check_password(password, earlier.password_hash) else None


def _lock_firm(sign_up: SignUp) -> Organisation | None:
    """The firm in the registry, locked, so that no user joins it between the check and the approval."""
    firm = organisation_of(sign_up)
    return firm and Organisation.objects.select_for_update(of=["self"]).get(pk=firm.pk)


def check_is_the_firm(sign_up: SignUp, firm: Organisation) -> None:
    """Raise ValidationError unless the organisation is an active firm without another credit code."""
    name = {"name": firm.name}
    if firm.kind != Organisation.Kind.FIRM or not firm.is_active:
        raise ValidationError("“%(name)s”不是启用中的企业，不能通过企业注册加入，请联系系统管理员。", params=name)
    if firm.credit_code not in {"", sign_up.credit_code}:
        raise ValidationError(
            "已有同名企业“%(name)s”，信用代码为 %(code)s，与申请不一致，请核对营业执照。",
            params=name | {"code": firm.credit_code},
        )


def _check_may_take_over(sign_up: SignUp, firm: Organisation, by: User) -> None:
    """A member of an existing firm sees its demands, so only the staff in charge of the firm may add the first one."""
    name = {"name": firm.name}
    check_is_the_firm(sign_up, firm)
    if not (by.scope.is_city or firm.stat_region_id in by.scope.region_ids):
        raise ValidationError(
            "“%(name)s”统计归口为%(region)s，请由该区市县或市科技局审核。",
            params=name | {"region": firm.stat_region or "（未填）"},
        )
    if has_active_members(firm):
        raise ValidationError(
            "“%(name)s”已有用户，由该企业的管理员决定。过了答复期限仍没有答复的，由市级专员凭证明材料办理。",
            params=name,
        )
    if sign_up.objected_at:
        raise ValidationError(
            "“%(name)s”登记的联系人提出了异议：%(words)s。请查明后退回申请，或由市级专员写明理由驳回异议。",
            params=name | {"words": sign_up.objection},
        )
    if not sign_up.proof:
        raise ValidationError(
            "“%(name)s”已在名录中，通过后申请人能看到它的全部需求，必须有营业执照或授权书。请申请人在状态页补交后再审核。",
            params=name,
        )
    if not sign_up.announced_at or sign_up.organisation_id != firm.pk:
        raise ValidationError("还没有告知“%(name)s”登记的联系人，请几分钟后再审核。", params=name)


def _create_firm(sign_up: SignUp, by: User) -> Organisation:
    firm = Organisation.objects.create(
        name=sign_up.firm_name,
        kind=Organisation.Kind.FIRM,
        credit_code=sign_up.credit_code,
        stat_region=sign_up.stat_region,
    )
    record("新建", firm, by=by, changes={"credit_code": [None, firm.credit_code]})
    return firm


def _close_others(sign_up: SignUp, by: User) -> None:
    """Close the other applications for the firm, except those that its own administrators are asked about."""
    for other in other_open_applications(sign_up):
        if other.answer_due_on:
            continue
        decide(other, SignUp.Status.REJECTED, by=by, note=OTHER_APPROVED)
        record("退回注册申请", other, by=by, changes={"status": ["submitted", "rejected"]})
        tell_applicant(other)
