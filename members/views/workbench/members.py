"""单位成员: who is in an organisation, who wants to join, and what its administrators do about it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership, Organisation, SignUp, User
from accounts.requests import UserRequest
from accounts.services.members import STAFF_KINDS
from members.models import Invitation
from members.services import invitations, join_requests, memberships

type Action = Callable[[UserRequest, Organisation], str]
"""Does what the posted form asks for and returns what happened, as a sentence."""


def _own_organisations(user: User) -> QuerySet[Organisation]:
    """Those of the user; for the system administrator also the staff organisations."""
    own = Q(pk__in=user.scope.organisation_ids)
    if user.scope.is_sysadmin:
        own |= Q(kind__in=STAFF_KINDS)
    return Organisation.objects.filter(own).order_by("name")


@login_required
@require_safe
def my_organisations(request: UserRequest) -> HttpResponse:
    organisations = list(_own_organisations(request.user))
    if len(organisations) == 1:
        return redirect("organisation_members", organisations[0].public_id)
    return render(request, "members/workbench/organisations.html", {"organisations": organisations})


@login_required
@require_http_methods(["GET", "POST"])
def organisation_members(request: UserRequest, public_id: str) -> HttpResponse:
    organisation = get_object_or_404(_own_organisations(request.user), public_id=public_id)
    if request.method == "POST":
        return _act(request, organisation)
    return _render(request, organisation)


def _render(request: UserRequest, organisation: Organisation, *, problem: str = "") -> HttpResponse:
    """`problem`: why a post was refused; its fields show again what was typed."""
    user = request.user
    administers = memberships.may_administer(organisation, user)
    link = request.session.pop("invitation_link", None)
    context = {
        "organisation": organisation,
        "members": Membership.objects.filter(organisation=organisation)
        .select_related("user")
        .order_by("-user__is_active", "-is_administrator", "joined_at", "pk"),
        "administers": administers,
        "administrator_count": Membership.objects.administrators().filter(organisation=organisation).count(),
        "is_staff_organisation": organisation.kind in STAFF_KINDS,
        "may_appoint": administers
        or (memberships.lacks_administrator(organisation) and organisation.pk in user.scope.organisation_ids),
        "may_answer": join_requests.may_answer(organisation, user),
        "requests": join_requests.requests_to(organisation),
        "invitations": Invitation.objects.open()
        .filter(organisation=organisation, delegation=None)
        .select_related("invited_by")
        if administers
        else [],
        "invitation_link": link,
        "me": user,
        "problem": problem,
        "typed": {name: request.POST.get(name, "") if problem else "" for name in (*TYPED, *BESIDE_TYPED)},
    }
    return render(request, "members/workbench/members.html", context, status=422 if problem else 200)


def _act(request: UserRequest, organisation: Organisation) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        messages.error(request, "请用页面上的按钮操作。")
        return redirect("organisation_members", organisation.public_id)
    try:
        messages.success(request, action(request, organisation))
    except ValidationError as error:
        if any(request.POST.get(name) for name in TYPED):
            return _render(request, organisation, problem=error.messages[0])
        messages.error(request, error.messages[0])
    except PermissionDenied as error:
        if not str(error):
            raise
        messages.error(request, str(error))
    request.user.__dict__.pop("scope", None)
    if _own_organisations(request.user).filter(pk=organisation.pk).exists():
        return redirect("organisation_members", organisation.public_id)
    return redirect("workbench")


def _invite(request: UserRequest, organisation: Organisation) -> str:
    new = invitations.invite_member(
        organisation,
        email=request.POST.get("email", ""),
        is_administrator=request.POST.get("is_administrator") == "on",
        by=request.user,
    )
    request.session["invitation_link"] = new.link
    return "已发出邀请邮件。也可以复制下面的链接发给对方，链接只显示这一次。"


def _withdraw(request: UserRequest, organisation: Organisation) -> str:
    invitations.withdraw_invitation(organisation, _number(request, "invitation"), by=request.user)
    return "已撤回邀请，链接不能再用。"


def _remove(request: UserRequest, organisation: Organisation) -> str:
    name = memberships.remove_member(organisation, _number(request, "member"), by=request.user)
    return f"{name}已不在本单位，权限立即收回。"


def _appoint(request: UserRequest, organisation: Organisation) -> str:
    name = memberships.appoint_administrator(organisation, _number(request, "member"), by=request.user)
    return f"{name}现在是管理员。"


def _dismiss(request: UserRequest, organisation: Organisation) -> str:
    name = memberships.dismiss_administrator(organisation, _number(request, "member"), by=request.user)
    return f"{name}不再是管理员。"


def _accept(request: UserRequest, organisation: Organisation) -> str:
    user = join_requests.accept_join_request(_sign_up(request, organisation), by=request.user)
    return f"已同意，{user.name}可以登录了。"


def _refuse(request: UserRequest, organisation: Organisation) -> str:
    reason = request.POST.get("reason", "")
    join_requests.refuse_join_request(_sign_up(request, organisation), by=request.user, reason=reason)
    return "已拒绝，申请人会看到您写的理由。"


def _object(request: UserRequest, organisation: Organisation) -> str:
    words = request.POST.get("reason", "")
    join_requests.object_to_join_request(_sign_up(request, organisation), by=request.user, words=words)
    return "已记录您的异议，平台不会代为通过这份申请。"


ACTIONS: dict[str, Action] = {
    "invite": _invite,
    "withdraw": _withdraw,
    "remove": _remove,
    "appoint": _appoint,
    "dismiss": _dismiss,
    "accept": _accept,
    "refuse": _refuse,
    "object": _object,
}
TYPED = ("email", "reason")
"""Fields that somebody types into."""
BESIDE_TYPED = ("is_administrator", "sign_up")
"""What says how and for whom it was typed."""


def _number(request: UserRequest, name: str) -> int:
    """The posted key of a row of this organisation; 0, which no row has, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _sign_up(request: UserRequest, organisation: Organisation) -> SignUp:
    rows = SignUp.objects.filter(organisation=organisation, answer_due_on__isnull=False)
    sign_up = rows.select_related("organisation").filter(pk=_number(request, "sign_up")).first()
    if sign_up is None:
        raise ValidationError("没有这份申请，请刷新页面。")
    return sign_up
