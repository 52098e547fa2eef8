"""Unfold callbacks: the side menu with counts of open work, the index page, the label of a demo, the stylesheets."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.module_loading import import_string

from accounts.requests import user_of
from core.scope import scope_of
from notices.admin import notice_badge
from open_work.sources import summaries_of


@dataclass(frozen=True)
class MenuItem:
    title: str
    icon: str
    """A name of Material Symbols."""
    model: str
    """app_label.model_name; the item opens its changelist and needs its view permission."""
    query: str = ""
    badge: str = ""
    """Dotted path of a function: request → number of waiting rows, or None."""
    page: str = ""
    """URL name of an admin page that the item opens instead of the changelist."""

    @property
    def permission(self) -> str:
        app_label, model_name = self.model.split(".")
        return f"{app_label}.view_{model_name}"

    def link(self) -> str:
        return _link(self, get_script_prefix())


@cache
def _link(item: MenuItem, _script_prefix: str) -> str:
    """Each page of the admin has them all: to reverse them each time takes a twentieth of its time."""
    if item.page:
        return reverse(f"admin:{item.page}")
    url = reverse(f"admin:{item.model.replace('.', '_')}_changelist")
    return f"{url}?{item.query}" if item.query else url


WAITING = (
    MenuItem(
        "待审匹配",
        "join_inner",
        "matching.match",
        badge="matching.admin.match_badge",
        page="matching_triage_needs",
    ),
    MenuItem(
        "待初审需求",
        "fact_check",
        "demands.demand",
        "status__exact=district_review",
        "demands.admin.demand_badge",
    ),
    MenuItem(
        "待审需求修改",
        "edit_note",
        "demands.demandrevision",
        "status__exact=pending",
        "demands.admin.revision_badge",
    ),
    MenuItem(
        "待入库成果",
        "inventory",
        "achievements.achievement",
        "status__exact=city_review",
        "achievements.admin.achievement_badge",
    ),
    MenuItem(
        "待审成果修改",
        "edit_document",
        "achievements.achievementrevision",
        "status__exact=pending",
        "achievements.revision_admin.revision_badge",
    ),
    MenuItem(
        "待审经纪人主页",
        "badge",
        "brokerage.profilerevision",
        "status__exact=pending",
        "brokerage.admin.revision_badge",
    ),
    MenuItem("注册申请", "how_to_reg", "accounts.signup", "status__exact=submitted", "members.admin.sign_up_badge"),
)
GROUPS = {
    "工作": WAITING,
    "登记": (
        MenuItem("成果", "science", "achievements.achievement"),
        MenuItem("需求", "contract", "demands.demand"),
        MenuItem("保密承诺", "lock", "demands.undertaking"),
        MenuItem("服务机构", "storefront", "brokers.agency"),
        MenuItem("技术经纪人", "handshake", "brokers.broker"),
        MenuItem("导入文件", "upload_file", "accounts.sourcefile"),
    ),
    "活动": (
        MenuItem("对接活动", "event", "rounds.dockinground"),
        MenuItem("活动日历", "calendar_month", "rounds.dockinground", page="rounds_calendar"),
        MenuItem("不办活动的日子", "event_busy", "rounds.avoidedperiod"),
        MenuItem("议程", "view_agenda", "rounds.agendaitem"),
        MenuItem("会前准备", "checklist_rtl", "rounds.party", page="rounds_board"),
        MenuItem("参会单位", "groups", "rounds.party"),
        MenuItem("会后跟进", "follow_the_signs", "rounds.party", page="deals_after"),
        MenuItem("匹配批次", "memory", "matching.matchrun"),
        MenuItem("匹配", "link", "matching.match"),
        MenuItem("没有候选的需求", "search_off", "matching.demandresult", "has_no_match__exact=1"),
        MenuItem("匹配质量", "monitoring", "matching.matchrun", page="matching_quality"),
        MenuItem("审核影响", "tune", "matching.match", page="matching_effects"),
        MenuItem("学习结果", "model_training", "matching.learned"),
    ),
    "成交": (
        MenuItem("揭榜挂帅", "emoji_events", "challenges.challenge"),
        MenuItem("成交项目", "contract_edit", "deals.deal"),
        MenuItem("技术合同", "receipt_long", "deals.contract"),
        MenuItem("登记规则", "rule", "deals.registrationrule"),
        MenuItem("持股关系", "account_tree", "integrity.ownership"),
        MenuItem("单位登记信息", "badge", "integrity.registereddetails"),
        MenuItem("核查规则", "tune", "integrity.signalrule"),
    ),
    "工作机制": (
        MenuItem(settings.CITY.tasks_title, "grid_view", "mechanism.task", page="mechanism_board"),
        MenuItem("任务举措", "checklist", "mechanism.measure"),
        MenuItem("会议纪要", "description", "mechanism.minutes"),
        MenuItem("堵点类别", "category", "mechanism.obstaclekind"),
        MenuItem("政策", "gavel", "mechanism.policy"),
        MenuItem("专项资金预算", "savings", "mechanism.subsidybudget"),
        MenuItem("专项资金通知", "campaign", "mechanism.subsidycall"),
        MenuItem("专项资金申报", "request_quote", "mechanism.subsidyapplication"),
        MenuItem("基金", "account_balance", "mechanism.fund"),
        MenuItem("中试和验证", "factory", "mechanism.base"),
        MenuItem("中试和验证申请", "inbox", "mechanism.baserequest"),
        MenuItem("孵化企业", "egg", "mechanism.venture"),
        MenuItem("表彰评选", "military_tech", "mechanism.honour"),
        MenuItem("表彰异议", "report", "mechanism.objection"),
        MenuItem("关联单位", "link", "mechanism.relatedparties"),
        MenuItem("成果评价", "reviews", "mechanism.evaluation"),
        MenuItem("揭榜评审", "fact_check", "mechanism.challengereview"),
        MenuItem("评价专家", "school", "mechanism.expert"),
        MenuItem("目标", "flag", "mechanism.target"),
        MenuItem(f"{settings.CITY.in_city}转化率口径", "rule", "mechanism.raterule"),
    ),
    "管理": (
        MenuItem("单位", "apartment", "accounts.organisation"),
        MenuItem("联系人", "contacts", "accounts.contact"),
        MenuItem("用户", "group", "accounts.user"),
        MenuItem("角色", "badge", "auth.group"),
        MenuItem("产业", "category", "taxonomy.industry"),
        MenuItem("区市县", "map", "accounts.region"),
        MenuItem("操作记录", "history", "audit.auditrecord"),
        MenuItem("发出的消息", "outgoing_mail", "notices.delivery"),
        MenuItem("发出的文字", "edit_note", "notices.citytext", page="notices_texts"),
    ),
}


def navigation(request: HttpRequest) -> list[dict]:
    """The side menu in unfold's format, with the items that the user may open."""
    pages = {item.link() for items in GROUPS.values() for item in items if item.page}
    groups = [
        {
            "title": title,
            "separator": True,
            "items": [_entry(item, request, pages) for item in _allowed(items, request)],
        }
        for title, items in GROUPS.items()
    ]
    index = {"title": "首页", "icon": "home", "link": reverse("admin:index")}
    notices = {
        "title": "消息",
        "icon": "notifications",
        "link": reverse("notices"),
        "badge": notice_badge(request),
        "badge_variant": "primary",
    }
    follow_ups = {"title": "对接跟进", "icon": "diversity_3", "link": reverse("follow_ups")}
    items = [index, notices, follow_ups]
    scope = scope_of(request.user)
    if scope.sees_all or scope.is_district:
        items.insert(2, {"title": "待办", "icon": "task_alt", "link": reverse("open_work")})
        items.append({"title": "成效数据", "icon": "insert_chart", "link": reverse("board")})
        items.append({"title": "堵点", "icon": "block", "link": reverse("obstacles")})
        if scope.sees_all:
            items.append({"title": "诚信核查", "icon": "policy", "link": reverse("integrity_cases")})
        items.append({"title": "审核进展", "icon": "monitoring", "link": reverse("admin:matching_desk")})
    return [{"items": items}, *(group for group in groups if group["items"])]


def dashboard(request: HttpRequest, context: dict) -> dict:
    """Context of the index page: the user's open work (待办) and the other menu groups."""
    _waiting_title, *others = GROUPS
    sections = [group for group in context["sidebar_navigation"] if group.get("title") in others]
    return context | {"title": "首页", "waiting": summaries_of(user_of(request)), "sections": sections}


def environment(request: HttpRequest) -> list[str] | None:
    return ["演示数据", "warning"] if settings.SITE["is_demo"] else None


def tokens(request: HttpRequest) -> str:
    return static("css/tokens.css")


def stylesheet(request: HttpRequest) -> str:
    return static("css/admin.css")


def reader_stylesheet(request: HttpRequest) -> str:
    return static("css/reader.css")


def logo(request: HttpRequest) -> str:
    return static("logo.svg")


def _allowed(items: Iterable[MenuItem], request: HttpRequest) -> list[MenuItem]:
    return [item for item in items if request.user.has_perm(item.permission)]


def _entry(item: MenuItem, request: HttpRequest, pages: set[str]) -> dict:
    link = item.link()
    entry = {"title": item.title, "icon": item.icon, "link": link, "active": _is_current(item, link, request, pages)}
    if item.badge:
        entry |= {"badge": import_string(item.badge)(request), "badge_variant": "primary"}
    return entry


def _is_current(item: MenuItem, link: str, request: HttpRequest, pages: set[str]) -> bool:
    """Whether to mark the item. A filtered changelist and the whole one are two items; only the open one is marked."""
    if item.page or request.path in pages:
        return request.path == link
    if not request.path.startswith(link.partition("?")[0]):
        return False
    waiting = next((other for other in WAITING if other.model == item.model and other.query), None)
    filtered = waiting is not None and dict(parse_qsl(waiting.query)).items() <= request.GET.dict().items()
    return filtered if item is waiting else not filtered
