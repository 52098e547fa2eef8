"""The pages of one round for staff, in the order of its phases: the tabs that stand on each of them, and below the
current one the tabs of its parts."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from rounds.models import DockingRound

VIEW_ROUND, VIEW_TIMETABLE = "rounds.view_dockinground", "rounds.view_timetable"
Status = DockingRound.Status


@dataclass(frozen=True)
class RoundPart:
    """`url_names`: of the page and of those that belong to it; the first is where the tab leads. `argument` and `query`
    are filled with the round's keys."""

    words: str
    url_names: tuple[str, ...]
    argument: str = "{pk}"
    query: str = ""


@dataclass(frozen=True)
class RoundPage:
    """As `RoundPart`; with `parts` the tab leads to the first of them. `for_all`: not only for staff who see every
    district."""

    key: str
    words: str
    url_names: tuple[str, ...] = ()
    argument: str = "{pk}"
    query: str = ""
    permission: str = VIEW_ROUND
    for_all: bool = True
    parts: tuple[RoundPart, ...] = ()

    @property
    def entry(self) -> "RoundPart | RoundPage":
        """Where the tab leads."""
        return self.parts[0] if self.parts else self

    def has(self, url_name: str) -> bool:
        return url_name in self.url_names or any(url_name in part.url_names for part in self.parts)


OF_ROUND = "?round={public_id}"
GUEST_PARTS = (
    RoundPart(
        "会前准备", ("rounds_board", "rounds_board_rows", "rounds_targets", "rounds_remind_guests"), "", OF_ROUND
    ),
    RoundPart("选择要邀请的", ("rounds_proposals",), "", OF_ROUND),
    RoundPart(
        "全部单位",
        ("rounds_party_changelist", "rounds_party_change", "rounds_party_answer"),
        "",
        "?docking_round__id__exact={pk}",
    ),
    RoundPart("发件箱", ("rounds_outbox",)),
    RoundPart("电话名单", ("rounds_calls", "rounds_call")),
    RoundPart("迟到和候补", ("rounds_late_answers",)),
    RoundPart("等接受的洽谈", ("rounds_talks",)),
    RoundPart("信函文字", ("rounds_letters",)),
)
DAY_PARTS = (
    RoundPart("现场总览", ("rounds_day_day",), "{public_id}"),
    RoundPart("签到", ("rounds_day_check_in",), "{public_id}"),
    RoundPart("洽谈桌", ("rounds_day_tables", "rounds_day_table"), "{public_id}"),
)
PAGES = (
    RoundPage("home", "总览", ("rounds_home", "rounds_home_rows")),
    RoundPage("venue", "场地和文件", ("rounds_venue", "rounds_venue_places"), for_all=False),
    RoundPage("featured", "推介名单", ("rounds_featured",)),
    RoundPage("guests", "邀请", permission="rounds.view_party", parts=GUEST_PARTS),
    RoundPage(
        "agenda",
        "议程",
        ("rounds_agenda", "rounds_agendaitem_change", "rounds_agendaitem_add"),
        permission="rounds.view_agendaitem",
    ),
    RoundPage("meeting_requests", "洽谈意愿", ("rounds_timetable_requests",), permission=VIEW_TIMETABLE),
    RoundPage("timetable", "洽谈日程", ("rounds_timetable",), permission=VIEW_TIMETABLE),
    RoundPage("papers", "会议材料", ("rounds_papers",)),
    RoundPage("day", "现场", parts=DAY_PARTS),
    RoundPage("after", "会后跟进", ("deals_after",), "", OF_ROUND),
    RoundPage("report", "活动总结", ("rounds_report", "rounds_report_rows"), for_all=False),
    RoundPage("round", "基本信息", ("rounds_dockinground_change",)),
)
HAS_BEGUN = (Status.RUNNING, Status.CLOSED, Status.ARCHIVED)


@dataclass(frozen=True)
class Tab:
    words: str
    address: str
    is_current: bool


def round_tabs(docking_round: DockingRound, user: User, url_name: str = "") -> list[Tab]:
    """The tabs that this user may open, with the one of the view `url_name` marked."""
    of_page = "home" if url_name.startswith("rounds_act_") else ""
    tabs = []
    for page in PAGES:
        if not user.has_perm(page.permission) or not (page.for_all or user.scope.sees_all):
            continue
        if page.key == "after" and docking_round.status not in HAS_BEGUN:
            continue
        if address := page_address(page.entry, docking_round):
            tabs.append(Tab(page.words, address, page.key == of_page or page.has(url_name)))
    return tabs


def part_tabs(docking_round: DockingRound, url_name: str) -> list[Tab]:
    """The tabs of the parts of the current page; empty if it has none. Who may open the page may open its parts."""
    page = next((page for page in PAGES if page.has(url_name)), None)
    return [
        Tab(part.words, page_address(part, docking_round), url_name in part.url_names)
        for part in (page.parts if page else ())
    ]


def page_address(page: RoundPart | RoundPage, docking_round: DockingRound) -> str:
    """The address of a page of the round; empty if the page is not installed."""
    values = {"pk": docking_round.pk, "public_id": docking_round.public_id}
    arguments = [page.argument.format(**values)] if page.argument else []
    try:
        return reverse(f"admin:{page.url_names[0]}", args=arguments) + page.query.format(**values)
    except NoReverseMatch:
        return ""
