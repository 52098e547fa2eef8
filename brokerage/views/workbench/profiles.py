"""The own public page: texts, choices, cases; and the consents of the parties that cases name."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from brokerage.forms import CaseForm, ProfileForm
from brokerage.models import Profile, ProfileCase
from brokerage.services.profiles import answer_case, contracts_for_cases, profile_of, remove_case, tell_case
from brokers.models import Agency, Broker


@login_required
@require_safe
def my_profiles(request: UserRequest) -> HttpResponse:
    """The pages that the user keeps: the own as a broker, and those of the agencies."""
    user = request.user
    owners: list[Broker | Agency] = []
    if user.scope.is_broker:
        owners += Broker.objects.filter(user=user.pk).select_related("agency__organisation")
        owners += Agency.objects.filter(organisation__in=user.scope.agency_ids).select_related("organisation")
    if not owners:
        raise PermissionDenied("主页由技术经纪人和服务机构维护。")
    profiles = [profile_of(owner, by=user) for owner in owners]
    if len(profiles) == 1:
        return redirect("profile_edit", profiles[0].public_id)
    return render(request, "brokerage/workbench/profiles.html", {"profiles": profiles})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: UserRequest, public_id: str) -> HttpResponse:
    profile = _kept(request, public_id)
    form = ProfileForm(request.POST or None, profile=profile, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        text = "已保存。介绍和语言由市科技局审核后公开，其余已经生效。" if form.is_waiting else "已保存。"
        messages.success(request, text)
        return redirect("profile_edit", public_id)
    return _render(request, profile, form)


@login_required
@require_POST
def case_tell(request: UserRequest, public_id: str) -> HttpResponse:
    profile = _kept(request, public_id)
    contracts = contracts_for_cases(profile)
    form = CaseForm(request.POST, contracts=contracts.exclude(pk__in=_told(profile)))
    if form.is_valid():
        contract = get_object_or_404(contracts, public_id=form.cleaned_data["contract"])
        try:
            tell_case(profile, contract, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            form.add_error("text", error.messages)
    if form.errors:
        return _render(request, profile, ProfileForm(profile=profile, by=request.user), case_form=form)
    messages.success(request, "已请买卖双方决定，都同意后公开。")
    return redirect("profile_edit", public_id)


@login_required
@require_POST
def case_remove(request: UserRequest, public_id: str) -> HttpResponse:
    kept = Profile.objects.kept_by(request.user)
    cases = ProfileCase.objects.kept().filter(profile__in=kept.values("pk"))
    case = get_object_or_404(cases.select_related("profile__broker", "profile__agency"), public_id=public_id)
    remove_case(case, by=request.user)
    messages.success(request, "已撤下。")
    return redirect("profile_edit", case.profile.public_id)


@login_required
@require_safe
def case_consents(request: UserRequest) -> HttpResponse:
    """Cases that name the user's organisations: consent, or take it back."""
    scope = request.user.scope
    if not (scope.firm_ids or scope.institution_ids):
        raise PermissionDenied("案例由合同的买卖双方决定是否公开。")
    own = scope.firm_ids | scope.institution_ids
    cases = ProfileCase.objects.asked_of(request.user).select_related(
        "contract", "profile__broker", "profile__agency__organisation"
    )
    rows = [
        (case, (case.seller_agreed_at if case.contract.seller_id in own else case.buyer_agreed_at) is not None)
        for case in cases
    ]
    return render(request, "brokerage/workbench/case_consents.html", {"rows": rows})


@login_required
@require_POST
def case_answer(request: UserRequest, public_id: str) -> HttpResponse:
    cases = ProfileCase.objects.asked_of(request.user).select_related(
        "contract", "profile__broker", "profile__agency__organisation"
    )
    case = get_object_or_404(cases, public_id=public_id)
    agree = request.POST.get("answer") == "agree"
    try:
        answer_case(case, agree=agree, by=request.user)
        messages.success(request, "已同意公开。随时可以收回。" if agree else "已记下：不公开。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("case_consents")


def _render(
    request: UserRequest, profile: Profile, form: ProfileForm, *, case_form: CaseForm | None = None
) -> HttpResponse:
    if case_form is None:
        case_form = CaseForm(contracts=contracts_for_cases(profile).exclude(pk__in=_told(profile)))
    last = profile.revisions.first()
    context = {
        "profile": profile,
        "form": form,
        "returned": last if last and last.status == "returned" else None,
        "case_form": case_form,
        "cases": profile.cases.kept().select_related("contract"),
    }
    has_errors = form.errors or case_form.errors
    return render(request, "brokerage/workbench/profile_edit.html", context, status=422 if has_errors else 200)


def _told(profile: Profile):
    return profile.cases.kept().values("contract")


def _kept(request: UserRequest, public_id: str) -> Profile:
    rows = Profile.objects.kept_by(request.user).select_related("broker__agency", "agency__organisation")
    profile: Profile = get_object_or_404(rows, public_id=public_id)
    return profile
