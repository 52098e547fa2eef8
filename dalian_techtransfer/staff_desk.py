"""The frame around the admin: menu with counts of waiting work, first page, label of a demonstration."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from notices.admin import notice_badge


@dataclass(frozen=True)
class Item:
    title: str
    icon: str  # a name of Material Symbols, which unfold brings along
    model: str  # app_label.model_name, whose list the item opens
    query: str = ""
    badge: str = ""  # dotted path of a function: request → number waiting, or None
    page: str = ""  # name of a page beside the model's list, opened instead of it by those who may see the model

    @property
    def permission(self) -> str:
        app_label, model_name = self.model.split(".")
        return f"{app_label}.view_{model_name}"

    def link(self) -> str:
        if self.page:
            return reverse(f"admin:{self.page}")
        url = reverse(f"admin:{self.model.replace('.', '_')}_changelist")
        return f"{url}?{self.query}" if self.query else url


WAITING = (
    Item(
        _lazy("待审匹配"),
        "join_inner",
        "matching.match",
        badge="matching.admin.match_badge",
        page="matching_triage_triage",
    ),
    Item(
        _lazy("待初审需求"),
        "fact_check",
        "demands.demand",
        "status__exact=district_review",
        "demands.admin.demand_badge",
    ),
    Item(
        _lazy("待入库成果"),
        "inventory",
        "achievements.achievement",
        "status__exact=city_review",
        "achievements.admin.achievement_badge",
    ),
    Item(_lazy("注册申请"), "how_to_reg", "accounts.signup", "status__exact=submitted", "accounts.admin.sign_up_badge"),
)
GROUPS = {
    _lazy("工作"): WAITING,
    _lazy("登记"): (
        Item(_lazy("成果"), "science", "achievements.achievement"),
        Item(_lazy("需求"), "contract", "demands.demand"),
        Item(_lazy("服务机构"), "storefront", "brokers.agency"),
        Item(_lazy("技术经纪人"), "handshake", "brokers.broker"),
        Item(_lazy("导入文件"), "upload_file", "accounts.sourcefile"),
    ),
    _lazy("活动"): (
        Item(_lazy("对接活动"), "event", "rounds.dockinground"),
        Item(_lazy("活动日历"), "calendar_month", "rounds.dockinground", page="rounds_calendar"),
        Item(_lazy("议程"), "view_agenda", "rounds.agendaitem"),
        Item(_lazy("会前准备"), "checklist_rtl", "rounds.party", page="rounds_board"),
        Item(_lazy("参会单位"), "groups", "rounds.party"),
        Item(_lazy("会后跟进"), "follow_the_signs", "rounds.party", page="deals_after"),
        Item(_lazy("匹配批次"), "memory", "matching.matchrun"),
        Item(_lazy("匹配"), "link", "matching.match"),
        Item(_lazy("暂无高匹配"), "search_off", "matching.demandresult", "has_no_match__exact=1"),
        Item(_lazy("匹配质量"), "monitoring", "matching.matchrun", page="matching_quality"),
        Item(_lazy("审核影响"), "tune", "matching.match", page="matching_effects"),
        Item(_lazy("学习结果"), "model_training", "matching.learned"),
    ),
    _lazy("成交"): (
        Item(_lazy("成交项目"), "contract_edit", "deals.deal"),
        Item(_lazy("技术合同"), "receipt_long", "deals.contract"),
        Item(_lazy("登记规则"), "rule", "deals.registrationrule"),
    ),
    _lazy("工作机制"): (
        Item(_lazy("九项任务"), "grid_view", "mechanism.task", page="mechanism_board"),
        Item(_lazy("任务举措"), "checklist", "mechanism.measure"),
        Item(_lazy("会议纪要"), "description", "mechanism.minutes"),
        Item(_lazy("政策"), "gavel", "mechanism.policy"),
        Item(_lazy("基金"), "account_balance", "mechanism.fund"),
        Item(_lazy("中试和验证"), "factory", "mechanism.base"),
        Item(_lazy("中试和验证申请"), "inbox", "mechanism.baserequest"),
        Item(_lazy("孵化企业"), "egg", "mechanism.venture"),
        Item(_lazy("表彰评选"), "military_tech", "mechanism.honour"),
        Item(_lazy("表彰异议"), "report", "mechanism.objection"),
        Item(_lazy("关联单位"), "link", "mechanism.relatedparties"),
        Item(_lazy("成果评价"), "reviews", "mechanism.evaluation"),
        Item(_lazy("评价专家"), "school", "mechanism.expert"),
        Item(_lazy("目标"), "flag", "mechanism.target"),
        Item(_lazy("在连转化率口径"), "rule", "mechanism.raterule"),
    ),
    _lazy("管理"): (
        Item(_lazy("单位"), "apartment", "accounts.organisation"),
        Item(_lazy("联系人"), "contacts", "accounts.contact"),
        Item(_lazy("用户"), "group", "accounts.user"),
        Item(_lazy("角色"), "badge", "auth.group"),
        Item(_lazy("产业"), "category", "taxonomy.industry"),
        Item(_lazy("区市县"), "map", "accounts.region"),
        Item(_lazy("操作记录"), "history", "audit.auditrecord"),
        Item(_lazy("发出的消息"), "outgoing_mail", "notices.delivery"),
    ),
}


def navigation(request) -> list[dict]:
    """The side menu as unfold wants it, with what this user may open."""
    pages = {item.link() for items in GROUPS.values() for item in items if item.page}
    groups = [
        {
            "title": title,
            "separator": True,
            "items": [_entry(item, request, pages) for item in _allowed(items, request)],
        }
        for title, items in GROUPS.items()
    ]
    first = {"title": _("首页"), "icon": "home", "link": reverse("admin:index")}
    bell = {
        "title": _("消息"),
        "icon": "notifications",
        "link": reverse("notices"),
        "badge": notice_badge(request),
        "badge_variant": "primary",
    }
    pairs = {"title": _("对接跟进"), "icon": "diversity_3", "link": reverse("follow_ups")}
    items = [first, bell, pairs]
    if request.user.scope.sees_all or request.user.scope.is_district:
        items.append({"title": _("成效数据"), "icon": "insert_chart", "link": reverse("board")})
        items.append({"title": _("审核进展"), "icon": "monitoring", "link": reverse("admin:matching_desk")})
    return [{"items": items}, *(group for group in groups if group["items"])]


def dashboard(request, context: dict) -> dict:
    """For the first page: what waits for this user (title, icon, link, count) and the rest of the menu."""
    counts = [(item, import_string(item.badge)(request)) for item in _allowed(WAITING, request)]
    waiting = [
        {"title": item.title, "icon": item.icon, "link": item.link(), "count": count} for item, count in counts if count
    ]
    _work, *others = GROUPS
    sections = [group for group in context["sidebar_navigation"] if group.get("title") in others]
    return context | {"title": _("首页"), "waiting": waiting, "sections": sections}


def environment(request) -> list[str] | None:
    return [_("演示数据"), "warning"] if settings.SITE["is_demo"] else None


def tokens(request) -> str:
    return static("css/tokens.css")


def stylesheet(request) -> str:
    return static("css/admin.css")


def logo(request) -> str:
    return static("logo.svg")


def _allowed(items, request):
    return [item for item in items if request.user.has_perm(item.permission)]


def _entry(item, request, pages) -> dict:
    link = item.link()
    entry = {"title": item.title, "icon": item.icon, "link": link, "active": _is_here(item, link, request, pages)}
    if item.badge:
        entry |= {"badge": import_string(item.badge)(request), "badge_variant": "primary"}
    return entry


def _is_here(item, link, request, pages):
    """A filtered list and the whole list of one model are two items: only the one that was opened is marked."""
    if item.page or request.path in pages:
        return request.path == link
    if not request.path.startswith(link.partition("?")[0]):
        return False
    waiting = next((one for one in WAITING if one.model == item.model and one.query), None)
    filtered = waiting is not None and dict(parse_qsl(waiting.query)).items() <= request.GET.dict().items()
    return filtered if item is waiting else not filtered
