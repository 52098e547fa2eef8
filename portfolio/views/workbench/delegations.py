"""授权: the administrator lets college offices and completers read and propose; the office sees who may."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.forms import PlainField
from core.pagination import PAGE_SIZE
from members.models import Delegation, Invitation
from members.services.delegating import invite_again, start_delegation
from members.services.delegations import end_delegation
from members.services.memberships import may_administer
from portfolio.delegated_items import MOST_ITEMS, give_items, items_of, take_item
from portfolio.models import ItemProposal
from portfolio.own_items import chosen_items, own_item, own_items

Kind = Delegation.Kind
SENT = "已发出邀请邮件。也可以复制下面的链接发给对方，链接只显示这一次。"


class CollegeForm(forms.Form):
    college = forms.ChoiceField(label="学院", error_messages={"required": "请选择学院。"})
    email = forms.EmailField(label="学院经办人的邮箱", max_length=254, error_messages={"required": "请填写邮箱。"})

    def __init__(self, institution: Organisation, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rows = Achievement.objects.filter(institution=institution).exclude(college="").order_by("college")
        colleges = rows.values_list("college").annotate(number=Count("pk"))
        choices = [("", "请选择"), *((name, f"{name}（{number} 项）") for name, number in colleges)]
        self.fields["college"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class CompleterForm(forms.Form):
    name = PlainField(label="完成人姓名", max_length=30, error_messages={"required": "请填写姓名。"})
    email = forms.EmailField(label="完成人的邮箱", max_length=254, error_messages={"required": "请填写邮箱。"})


def _administered(request: UserRequest) -> list[Organisation]:
    rows = Organisation.objects.filter(pk__in=request.user.scope.institution_ids).order_by("name")
    return [row for row in rows if may_administer(row, request.user)]


def _institution(request: UserRequest) -> Organisation:
    """The one of the posted `institution` that the user administers. Raises PermissionDenied."""
    wanted = request.POST.get("institution", "")
    rows = [row for row in _administered(request) if wanted in ("", row.public_id)]
    if not rows:
        raise PermissionDenied("只有本单位的管理员可以授权。")
    return rows[0]


@login_required
@require_safe
def delegation_list(request: UserRequest) -> HttpResponse:
    return _list(request)


def _list(request: UserRequest, *, status: int = 200, college=None, completer=None) -> HttpResponse:
    if not request.user.scope.institution_ids:
        raise Http404
    last = Invitation.objects.filter(delegation=OuterRef("pk")).order_by("-invited_at", "-pk")
    rows = Delegation.objects.visible_to(request.user).filter(ended_at=None).select_related("organisation", "user")
    rows = rows.annotate(address=Subquery(last.values("email")[:1]), open_until=Subquery(last.values("expires_at")[:1]))
    query = request.GET.get("q", "").replace("\0", "").strip()[:60]
    if query:
        rows = rows.filter(Q(college__icontains=query) | Q(user__name__icontains=query))
    page = Paginator(rows.order_by("kind", "college", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    institutions = _administered(request)
    context = {
        "page": page,
        "query": query,
        "rows": [(row, items_of(row).count()) for row in page],
        "institutions": institutions,
        "forms": [
            (row, college or CollegeForm(row, auto_id="college_%s"), completer or CompleterForm(auto_id="completer_%s"))
            for row in institutions[:1]
        ],
        "link": request.session.pop("invitation_link", None),
        "proposals": ItemProposal.objects.visible_to(request.user).pending().count(),
    }
    return render(request, "portfolio/workbench/delegations.html", context, status=status)


@login_required
@require_POST
def delegation_college(request: UserRequest) -> HttpResponse:
    institution = _institution(request)
    form = CollegeForm(institution, request.POST, auto_id="college_%s")
    if form.is_valid():
        try:
            new = start_delegation(institution, kind=Kind.COLLEGE, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("email", error.messages)
        else:
            request.session["invitation_link"] = new.link
            messages.success(request, SENT)
            return redirect("delegations")
    return _list(request, status=422, college=form)


@login_required
@require_POST
def delegation_completer(request: UserRequest) -> HttpResponse:
    """First the achievements with this name, all ticked; with `confirmed` those in `chosen` are given."""
    institution = _institution(request)
    form = CompleterForm(request.POST, auto_id="completer_%s")
    if not form.is_valid():
        return _list(request, status=422, completer=form)
    name = form.cleaned_data["name"]
    rows = _items_with(name, own_items(request.user).filter(institution=institution))
    if not rows:
        form.add_error("name", f"没有负责人或完成人是“{name}”的成果。请先在成果里写上这位完成人。")
        return _list(request, status=422, completer=form)
    if "confirmed" in request.POST:
        try:
            items = chosen_items(request.user, request.POST.getlist("chosen"), MOST_ITEMS)
            if not items:
                raise ValidationError("请至少勾选一项成果。")
            with transaction.atomic():
                email = form.cleaned_data["email"]
                new = start_delegation(institution, kind=Kind.COMPLETER, email=email, by=request.user)
                assert new.invitation.delegation
                give_items(new.invitation.delegation, items, by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            request.session["invitation_link"] = new.link
            messages.success(request, SENT)
            return redirect("delegation", new.invitation.delegation.public_id)
    context = {"form": form, "rows": rows, "institution": institution}
    status = 422 if form.errors else 200
    return render(request, "portfolio/workbench/delegation_new.html", context, status=status)


def _items_with(name: str, rows: QuerySet[Achievement]) -> list[Achievement]:
    rows = rows.exclude(status=Achievement.Status.WITHDRAWN)
    named = rows.filter(Q(lead_person=name) | Q(completers__name=name)).distinct()
    return list(named.order_by("title", "pk")[:MOST_ITEMS])


@login_required
@require_http_methods(["GET", "POST"])
def delegation_detail(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: end, again, give or take (with `item`, the id of an achievement)."""
    rows = Delegation.objects.visible_to(request.user).select_related("organisation", "user")
    delegation = get_object_or_404(rows, public_id=public_id)
    if request.method == "POST":
        return _step(request, delegation)
    items = Paginator(items_of(delegation), PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.get("q", "").replace("\0", "").strip()[:60]
    administers = may_administer(delegation.organisation, request.user)
    matching: list[Achievement] = []
    if query and administers and delegation.kind == Kind.COMPLETER:
        own = own_items(request.user).filter(institution=delegation.organisation_id)
        own = own.exclude(status=Achievement.Status.WITHDRAWN).exclude(delegated_items__delegation=delegation)
        words = Q(title__icontains=query) | Q(lead_person__icontains=query) | Q(registry_number=query)
        matching = list(own.filter(words | Q(completers__name__icontains=query)).distinct().order_by("title")[:30])
    context = {
        "delegation": delegation,
        "invitation": delegation.invitations.order_by("-invited_at", "-pk").first(),
        "page": items,
        "query": query,
        "matching": matching,
        "administers": administers and delegation.ended_at is None,
        "link": request.session.pop("invitation_link", None),
    }
    return render(request, "portfolio/workbench/delegation.html", context)


def _step(request: UserRequest, delegation: Delegation) -> HttpResponse:
    try:
        match request.POST.get("step"):
            case "end":
                end_delegation(delegation, by=request.user)
                messages.success(request, "已结束授权，权限立即收回。")
                return redirect("delegations")
            case "again":
                request.session["invitation_link"] = invite_again(delegation, by=request.user).link
                messages.success(request, SENT)
            case "give":
                give_items(delegation, [own_item(request.user, request.POST.get("item", ""))], by=request.user)
                messages.success(request, "已加入授权。")
            case "take":
                take_item(delegation, own_item(request.user, request.POST.get("item", "")), by=request.user)
                messages.success(request, "已移出授权。")
            case _:
                raise Http404
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("delegation", delegation.public_id)
