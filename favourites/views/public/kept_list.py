"""收藏夹 of a visitor, a list that somebody shares by its address, and both as a workbook."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from achievements.models import Achievement
from core.csrf import accept_same_origin
from core.downloads import send_download
from demands.masking import public_text
from favourites.kept_list import MOST, keep_marks, mark_of, marks_of_address, public_items, read_marks, share_query
from favourites.models import MAX_FAVOURITES, Favourite
from favourites.public_facts import TITLE, Item, public_facts
from favourites.services.favourites import add_favourites
from sheets.writing import write_workbook

COMPARED = 4


@dataclass(frozen=True)
class Entry:
    """A published item as the list shows it."""

    item: Item
    title: str
    facts: dict[str, str]

    @property
    def is_achievement(self) -> bool:
        return isinstance(self.item, Achievement)

    @property
    def path(self) -> str:
        name = "achievement_detail" if self.is_achievement else "demand_detail"
        return reverse(name, args=[self.item.public_id])

    @property
    def owner(self) -> str:
        return self.item.institution.name if isinstance(self.item, Achievement) else self.item.public_firm_name

    @property
    def summary(self) -> str:
        return self.item.summary if isinstance(self.item, Achievement) else public_text(self.item, "problem")


def _entries(items: list[Item]) -> list[Entry]:
    entries = []
    for item in items:
        facts = public_facts(item)
        entries.append(Entry(item, facts.pop(TITLE), facts))
    return entries


@require_safe
def kept_favourites(request: HttpRequest) -> HttpResponse:
    """The visitor's own list. What is no longer public goes from it, and the page says so."""
    if isinstance(request.user, User):
        return redirect("my_favourites")
    marks = read_marks(request)
    items = public_items(marks)
    response = _page(request, items, gone=len(marks) - len(items), is_shared=False)
    if len(items) < len(marks):
        keep_marks(response, [mark_of(item) for item in items])
    return response


@require_safe
def shared_favourites(request: HttpRequest) -> HttpResponse:
    """A list that somebody has sent: ?a=…&d=…"""
    marks = marks_of_address(request.GET)
    items = public_items(marks)
    return _page(request, items, gone=len(marks) - len(items), is_shared=True)


def _page(request: HttpRequest, items: list[Item], *, gone: int, is_shared: bool) -> HttpResponse:
    query = share_query(items)
    achievements = [item.public_id for item in items if isinstance(item, Achievement)]
    context = {
        "entries": _entries(items),
        "gone": gone,
        "is_shared": is_shared,
        "most": MOST,
        "query": query,
        "share_address": request.build_absolute_uri(reverse("shared_favourites")) + query,
        "compare_all": urlencode([("id", key) for key in achievements]) if 2 <= len(achievements) <= COMPARED else "",
        "compares": len(achievements) > 1,
    }
    return render(request, "favourites/public/kept_list.html", context)


@require_safe
def export_favourites(request: HttpRequest) -> HttpResponse:
    """The list of the address; without one the user's own, else the browser's."""
    marks = marks_of_address(request.GET)
    if not marks and isinstance(request.user, User):
        own = Favourite.objects.of_user(request.user).select_related("achievement", "demand")
        marks = [mark_of(row.item) for row in own[:MAX_FAVOURITES]]
    entries = _entries(public_items(marks or read_marks(request)))
    headers = ["类别", "名称", "单位", "情况", "概述", "网址"]
    rows = [
        [
            "成果" if entry.is_achievement else "需求",
            entry.title,
            entry.owner,
            "；".join(f"{label}：{text}" for label, text in entry.facts.items()),
            entry.summary,
            request.build_absolute_uri(entry.path),
        ]
        for entry in entries
    ]
    day = f"{timezone.localdate():%Y%m%d}"
    return send_download(write_workbook("收藏", headers, rows), f"收藏-{day}.xlsx")


@accept_same_origin
@require_POST
def take_over_list(request: HttpRequest) -> HttpResponse:
    """Mark everything of a list that somebody shared, as far as there is room."""
    items = public_items(marks_of_address(request.POST))
    if isinstance(request.user, User):
        new, problem = add_favourites(items, by=request.user)
        response = redirect("my_favourites")
    else:
        own = read_marks(request)
        marks = list(dict.fromkeys([*own, *map(mark_of, items)]))
        new, problem = min(len(marks), MOST) - len(own), ""
        if len(marks) > MOST:
            problem = f"没有登录时最多收藏 {MOST} 项，其余 {len(marks) - MOST} 项没有收入。登录后可以收藏更多。"
        response = redirect("kept_favourites")
        keep_marks(response, marks[:MOST])
    messages.success(request, f"已收入 {new} 项。" if new else "这些都已经在您的收藏里。")
    if problem:
        messages.warning(request, problem)
    return response


@accept_same_origin
@require_POST
def empty_list(request: HttpRequest) -> HttpResponse:
    """The visitor empties the list of this browser, for example on a shared computer."""
    response = redirect("kept_favourites")
    keep_marks(response, [])
    messages.success(request, "已清空本浏览器的收藏夹。")
    return response
