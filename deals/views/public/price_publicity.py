"""价格公示 for everybody: what is publicised now or was, and the form of an objection. The buyer is not named."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from achievements.models import Achievement
from core.forms import PlainField, ServiceForm
from core.pagination import PAGE_SIZE
from core.throttling import throttle_posts
from deals.models import PricePublicity
from deals.services.price_publicity import ANSWER_WORKDAYS, raise_objection

POSTS, SECONDS = 5, 3600


class VisitorObjectionForm(ServiceForm):
    who = PlainField(label="您的姓名或单位", max_length=60, help_text="只有公示单位和市科技局看得到")
    contact = PlainField(label="怎样答复您", max_length=100, help_text="电话或邮箱，只用来答复")
    text = forms.CharField(
        label="事实和理由",
        min_length=10,
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text="不少于 10 个字，不会公开",
    )

    def __init__(self, *args, publicity: PricePublicity, request: HttpRequest, **kwargs):
        super().__init__(*args, **kwargs)
        self.publicity, self.by = publicity, request.user if request.user.is_authenticated else None

    def _save(self, values: dict) -> None:
        raise_objection(self.publicity, by=self.by, **values)


@require_safe
def publicity_list(request: HttpRequest) -> HttpResponse:
    """The running ones first, then the others by their end."""
    rows = PricePublicity.objects.public().select_related("deal__seller").order_by("-ends_on", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "deals/public/price_publicities.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@throttle_posts("price-objection", POSTS, SECONDS)
def publicity_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """POST raises an objection while the publicity runs."""
    rows = PricePublicity.objects.public().select_related("deal__seller")
    publicity = get_object_or_404(rows, public_id=public_id)
    form = VisitorObjectionForm(publicity=publicity, request=request)
    status = 200
    if request.method == "POST":
        form, status = VisitorObjectionForm(request.POST, publicity=publicity, request=request), 422
        if form.is_valid() and form.save():
            messages.success(request, f"已收到您的异议，公示单位会在 {ANSWER_WORKDAYS} 个工作日内处理。")
            return redirect("price_publicity", public_id)
    achievement = publicity.deal.achievement
    shown = Achievement.objects.visible_to(request.user)
    is_shown = achievement is not None and shown.filter(pk=achievement.pk).exists()
    context = {
        "publicity": publicity,
        "achievement": achievement if is_shown else None,
        "objections": publicity.objections.filter(is_from_page=True),
        "form": form if publicity.is_running else None,
        "days": ANSWER_WORKDAYS,
    }
    return render(request, "deals/public/price_publicity.html", context, status=status)
