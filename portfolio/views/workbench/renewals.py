"""续期核对: start a campaign, pass on its links, decide what came back."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from achievements.services.revisions import pending_revision
from audit.revisions import compare, json_values, version_of
from core.pagination import PAGE_SIZE
from notices.texts.writing import TextWriter
from portfolio.models import RenewalAnswer, RenewalCampaign, RenewalRequest
from portfolio.own_items import chosen_items
from portfolio.renewal_links import link_of, recipient_of
from portfolio.services import renewals

Status = RenewalAnswer.Status
BADGES: dict[str, str] = {Status.WAITING: "b-wait", Status.ENDED: "b-no"}
DEFAULT_DAYS = 14
NO_ADDRESS = "没有可用的邮箱：联系人不是负责人本人、没有同意，或已全部答复。请复制链接发给对方。"
COUNTS = {
    "asked": Count("requests__answers"),
    "waiting": Count("requests__answers", Q(requests__answers__status="waiting", requests__answers__decided_at=None)),
    "valid": Count("requests__answers", Q(requests__answers__status="valid")),
    "corrected": Count("requests__answers", Q(requests__answers__status="corrected")),
    "ended": Count("requests__answers", Q(requests__answers__status="ended")),
    "open": Count("requests__answers", Q(requests__answers__decided_at=None) & ~Q(requests__answers__status="waiting")),
}


class CampaignForm(forms.ModelForm):
    class Meta:
        model = RenewalCampaign
        fields = ["audience", "closes_on", "note"]
        widgets = {
            "closes_on": forms.DateInput({"type": "date", "class": "input-s"}, format="%Y-%m-%d"),
            "note": forms.Textarea({"rows": 2}),
        }


@login_required
@require_safe
def renewal_list(request: UserRequest) -> HttpResponse:
    campaigns = RenewalCampaign.objects.visible_to(request.user).select_related("institution", "made_by")
    page = Paginator(campaigns.annotate(**COUNTS).order_by("-made_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    open_answers = RenewalAnswer.objects.visible_to(request.user).to_decide().count()
    return render(request, "portfolio/workbench/renewals.html", {"page": page, "open_answers": open_answers})


@login_required
@require_POST
def renewal_new(request: UserRequest) -> HttpResponse:
    """`chosen`: public ids; with `confirmed` the campaign starts."""
    chosen = request.POST.getlist("chosen")
    rows = chosen_items(request.user, chosen, renewals.MOST_AT_ONCE)
    if not rows:
        messages.warning(request, "请先勾选要核对的成果。")
        return redirect("my_achievements")
    form, status = CampaignForm(initial={"closes_on": timezone.localdate() + timedelta(days=DEFAULT_DAYS)}), 200
    if "confirmed" in request.POST:
        form, status = CampaignForm(request.POST), 422
        if form.is_valid():
            try:
                campaign = renewals.start_campaign(rows, by=request.user, **form.cleaned_data)
            except ValidationError as error:
                for name, texts in getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages}).items():
                    form.add_error(name if name in form.fields else None, texts)
            else:
                messages.success(request, f"已发起，{campaign.requests.count()} 个链接。请把链接发给对方。")
                return redirect("renewal_campaign", campaign.public_id)
    people = {row.lead_person for row in rows}
    context = {"form": form, "rows": rows, "people": len(people), "unfit": _unfit(rows)}
    return render(request, "portfolio/workbench/renewal_new.html", context, status=status)


def _unfit(rows: list[Achievement]) -> int:
    return sum(row.status not in Achievement.REVISABLE for row in rows)


@login_required
@require_safe
def renewal_detail(request: UserRequest, public_id: str) -> HttpResponse:
    """The links of a campaign with what came back. A page of a messenger does not see the answers."""
    campaign = get_object_or_404(
        RenewalCampaign.objects.visible_to(request.user).select_related("institution").annotate(**COUNTS),
        public_id=public_id,
    )
    requests = campaign.requests.order_by("pk").prefetch_related("answers__achievement__contact")
    page = Paginator(requests, PAGE_SIZE).get_page(request.GET.get("page"))
    links, writer = [], TextWriter("portfolio.renewal")
    for row in page:
        row.campaign = campaign
        answers = list(row.answers.all())
        achievements = [answer.achievement for answer in answers]
        is_open = row.revoked_at is None and not campaign.is_over
        links.append(
            {
                "request": row,
                "recipient": recipient_of(row, achievements),
                "answers": [(answer, _badge_of(answer)) for answer in answers],
                "is_open": is_open,
                "link": link_of(row) if is_open else "",
                "message": renewals.message_of(row, achievements, writer).body if is_open else "",
                "waiting": sum(answer.status == Status.WAITING and not answer.decided_at for answer in answers),
            }
        )
    context = {"campaign": campaign, "page": page, "links": links}
    return render(request, "portfolio/workbench/renewal_campaign.html", context)


def _badge_of(answer: RenewalAnswer) -> str:
    """CSS class."""
    return "plain" if answer.decided_at else BADGES.get(answer.status, "b-ok")


@login_required
@require_POST
def renewal_end(request: UserRequest, public_id: str) -> HttpResponse:
    campaign = get_object_or_404(RenewalCampaign.objects.visible_to(request.user), public_id=public_id)
    closed = renewals.end_campaign(campaign, by=request.user)
    messages.success(request, f"已结束，链接全部作废；{closed} 项没有答复。已经收到的答复仍可处理。")
    return redirect("renewal_campaign", public_id)


@login_required
@require_POST
def link_step(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: revoke, replace or mail."""
    rows = RenewalRequest.objects.visible_to(request.user).select_related("campaign__institution")
    row = get_object_or_404(rows, public_id=public_id)
    try:
        match request.POST.get("step"):
            case "revoke":
                renewals.revoke_link(row, by=request.user)
                messages.success(request, "链接已作废。")
            case "replace":
                renewals.replace_link(row, by=request.user)
                messages.success(request, "已换成新链接，旧链接打不开了。")
            case "mail":
                if renewals.mail_link(row, by=request.user):
                    messages.success(request, "已发到负责人的邮箱。")
                else:
                    messages.warning(
                        request, "没有可用的邮箱：联系人不是负责人本人、没有同意，或已全部答复。请复制链接发给对方。"
                    )
            case _:
                raise Http404
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(f"{reverse('renewal_campaign', args=[row.campaign.public_id])}#link-{public_id}")


@login_required
@require_safe
def answer_list(request: UserRequest) -> HttpResponse:
    """The answers that wait for the office, the oldest first, with each proposed field beside the present one."""
    return _answers(request)


def _answers(request: UserRequest, *, status: int = 200, problem: str = "") -> HttpResponse:
    rows = RenewalAnswer.objects.visible_to(request.user).to_decide()
    rows = rows.select_related("achievement__institution", "request__campaign").order_by("answered_at", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    items = []
    for row in page:
        item = row.achievement
        pending = pending_revision(item)
        items.append(
            {
                "row": row,
                "changes": compare(Achievement, json_values(item, row.after), row.after),
                "seen": version_of(item, pending),
                "pending": pending,
            }
        )
    context = {
        "page": page,
        "items": items,
        "problem": problem,
        "valid": rows.filter(status=Status.VALID).count(),
    }
    return render(request, "portfolio/workbench/renewal_answers.html", context, status=status)


@login_required
@require_POST
def answers_valid(request: UserRequest) -> HttpResponse:
    """Renew all that were said to be valid."""
    rows = RenewalAnswer.objects.visible_to(request.user).to_decide().filter(status=Status.VALID)
    number, refused = renewals.accept_valid(rows.select_related("achievement", "request__campaign"), by=request.user)
    if number:
        messages.success(request, f"已续期 {number} 项，有效期从今天起两年。")
    for sentence in refused[:10]:
        messages.error(request, sentence)
    return redirect("renewal_answers")


@login_required
@require_POST
def answer_decide(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: accept (with `fields`, those taken over) or aside (with `reason`)."""
    rows = RenewalAnswer.objects.visible_to(request.user).select_related("achievement", "request__campaign")
    row = get_object_or_404(rows, public_id=public_id)
    try:
        if request.POST.get("step") == "aside":
            renewals.set_aside(row, by=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, "已处理，成果没有改动。")
        elif row.status == Status.VALID:
            number, refused = renewals.accept_valid([row], by=request.user)
            if not number:
                raise ValidationError(refused or "这条答复已经处理过了。")
            messages.success(request, "已续期两年。")
        elif row.status == Status.CORRECTED:
            names, seen = request.POST.getlist("fields"), request.POST.get("seen", "")
            waits = renewals.accept_fields(row, names, by=request.user, seen=seen)
            text = "已续期，采纳的文字和指标等市科技局核对。" if waits else "已续期，采纳的内容已更新。"
            messages.success(request, text)
        else:
            raise ValidationError("请先到成果页面暂停或下架，再写明怎么处理的。")
    except ValidationError as error:
        return _answers(request, status=422, problem=f"“{row.achievement}”：{'；'.join(error.messages)}")
    return redirect("renewal_answers")
