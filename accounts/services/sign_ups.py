from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, Region, Role, SignUp, User
from accounts.services.members import add_member
from audit.services import record
from sheets.credit_code import normalize_credit_code


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
) -> SignUp:
    """Submit a firm's application for an account.

    The application holds the hash of the password until the district has decided. Raises ValidationError with messages
    by field.
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
    if _username_is_taken(sign_up.username):
        problems["username"] = ["用户名“%(name)s”已有人使用，请换一个。" % {"name": sign_up.username}]
    try:
        validate_password(password, User(username=sign_up.username, name=sign_up.name, email=sign_up.email))
    except ValidationError as error:
        problems["password"] = error.messages
    try:
        sign_up.full_clean(exclude=["password_hash"])
    except ValidationError as error:
        problems = error.update_error_dict(problems)
    if problems:
        raise ValidationError(problems)
    sign_up.password_hash = make_password(password)
    try:
        with transaction.atomic():
            sign_up.save(force_insert=True)
            record("提交注册申请", sign_up, by=None)
    except IntegrityError as error:  # a concurrent application of the same firm
        raise ValidationError("该企业已有一份待审核的申请，请等待区市县审核。") from error
    return sign_up


@transaction.atomic
def approve_sign_up(sign_up: SignUp, *, by: User) -> User:
    """Create the user with the chosen password, the firm if it is new, and the membership.

    Raises PermissionDenied outside the scope of `by`, ValidationError if the application is already decided, if the
    username is taken, or if the firm belongs to another district or has another credit code.
    """
    _require_district_of(sign_up, by)
    password_hash = _decide(sign_up, SignUp.Status.APPROVED, by=by, note="")
    try:
        with transaction.atomic():
            firm = _firm_of(sign_up, by)
            user = _user_of(sign_up, password_hash)
    except IntegrityError as error:
        raise ValidationError("同名的企业或用户刚刚建立，请刷新后重试。") from error
    add_member(user, firm, Role.FIRM, by=by)
    record(
        "通过注册申请",
        sign_up,
        by=by,
        changes={"status": ["submitted", "approved"], "organisation": [None, firm.name]},
    )
    return user


@transaction.atomic
def reject_sign_up(sign_up: SignUp, *, by: User, reason: str) -> None:
    """Reject the application. Its status page shows the reason to the applicant."""
    _require_district_of(sign_up, by)
    reason = reason.strip()
    if not reason:
        raise ValidationError("请写明退回理由，申请人会看到，例如“营业执照名称与信用代码不一致”。")
    if len(reason) > 200:
        raise ValidationError("退回理由请不要超过 200 字。")
    _decide(sign_up, SignUp.Status.REJECTED, by=by, note=reason)
    record("退回注册申请", sign_up, by=by, changes={"status": ["submitted", "rejected"], "reason": [None, reason]})


def _normalized(credit_code: str) -> str:
    try:
        return normalize_credit_code(credit_code)
    except ValueError:
        return credit_code.strip()  # the validator of the field refuses it


def _username_is_taken(username: str) -> bool:
    return (
        User.objects.filter(username__iexact=username).exists()
        or SignUp.objects.awaiting_approval().filter(username__iexact=username).exists()
    )


def _require_district_of(sign_up: SignUp, by: User) -> None:
    if not (by.scope.is_city or sign_up.stat_region_id in by.scope.region_ids):
        raise PermissionDenied("这份申请由其他区市县审核。")


def _decide(sign_up: SignUp, status: str, *, by: User, note: str) -> str:
    """Decide an open application and return its password hash. Raises ValidationError if it is already decided."""
    decided = SignUp.objects.filter(pk=sign_up.pk, status=SignUp.Status.SUBMITTED).update(
        status=status, decided_by=by, decided_at=timezone.now(), decision_note=note
    )
    if not decided:
        raise ValidationError("这份申请已被其他同事处理，请刷新页面。")
    sign_up.refresh_from_db()
    password_hash = sign_up.password_hash
    SignUp.objects.filter(pk=sign_up.pk).update(password_hash="")
    return password_hash


def _firm_of(sign_up: SignUp, by: User) -> Organisation:
    """The firm with this credit code, else the firm of this name without a code, else a new firm."""
    firm = Organisation.objects.filter(credit_code=sign_up.credit_code).first()
    firm = firm or Organisation.objects.filter(name=sign_up.firm_name).first()
    if firm is None:
        firm = Organisation.objects.create(
            name=sign_up.firm_name,
            kind=Organisation.Kind.FIRM,
            credit_code=sign_up.credit_code,
            stat_region=sign_up.stat_region,
        )
        record("新建", firm, by=by, changes={"credit_code": [None, firm.credit_code]})
        return firm
    _require_attachable(firm, sign_up, by)
    if not firm.credit_code:
        Organisation.objects.filter(pk=firm.pk, credit_code="").update(credit_code=sign_up.credit_code)
        record("修改", firm, by=by, changes={"credit_code": ["", sign_up.credit_code]})
    return firm


def _require_attachable(firm: Organisation, sign_up: SignUp, by: User) -> None:
    """A member of an existing firm sees its demands, so only the staff in charge of the firm may add one."""
    name = {"name": firm.name}
    if firm.kind != Organisation.Kind.FIRM or not firm.is_active:
        raise ValidationError("“%(name)s”不是启用中的企业，不能通过企业注册加入，请联系系统管理员。", params=name)
    if firm.credit_code not in {"", sign_up.credit_code}:
        raise ValidationError(
            "已有同名企业“%(name)s”，信用代码为 %(code)s，与申请不一致，请核对营业执照。",
            params=name | {"code": firm.credit_code},
        )
    if not (by.scope.is_city or firm.stat_region_id in by.scope.region_ids):
        raise ValidationError(
            "“%(name)s”统计归口为%(region)s，请由该区市县或市科技局审核。",
            params=name | {"region": firm.stat_region or "（未填）"},
        )


def _user_of(sign_up: SignUp, password_hash: str) -> User:
    if User.objects.filter(username__iexact=sign_up.username).exists():
        raise ValidationError(
            "用户名“%(name)s”已被占用，请退回并请企业换一个用户名。", params={"name": sign_up.username}
        )
    return User.objects.create(
        username=sign_up.username,
        password=password_hash,
        name=sign_up.name,
        phone=sign_up.phone,
        email=sign_up.email,
    )
