"""The pages of one round for staff, in the order of its phases: the tabs that stand on each of them."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from rounds.models import DockingRound

VIEW_ROUND, VIEW_TIMETABLE = "rounds.view_dockinground", "rounds.view_timetable"
Status = DockingRound.Status


@dataclass(frozen=True)
class RoundPage:
    """`url_names`: of the page and of those that belong to it; the first is where the tab leads. `argument` and `query`
    are filled with the round's keys. `for_all`: not only for staff who see every district."""

    key: str
    words: str
    url_names: tuple[str, ...]
    argument: str = "{pk}"
    query: str = ""
    permission: str = VIEW_ROUND
    for_all: bool = True


PAGES = (
    RoundPage("home", "总览", ("rounds_home", "rounds_home_rows")),
    RoundPage("venue", "场地和文件", ("rounds_venue", "rounds_venue_places"), for_all=False),
    RoundPage("featured", "推介名单", ("rounds_featured",)),
    RoundPage(
        "guests",
        "邀请",
        (
            *("rounds_board", "rounds_board_rows", "rounds_proposals", "rounds_targets"),
            *("rounds_outbox", "rounds_calls", "rounds_call", "rounds_late_answers", "rounds_talks", "rounds_letters"),
        ),
        "",
        "?round={public_id}",
        permission="rounds.view_party",
    ),
    RoundPage(
        "agenda",
        "议程",
        ("rounds_agenda", "rounds_agendaitem_change", "rounds_agendaitem_add"),
        permission="rounds.view_agendaitem",
    ),
    RoundPage("meeting_requests", "洽谈意愿", ("rounds_timetable_requests",), permission=VIEW_TIMETABLE),
    RoundPage("timetable", "洽谈日程", ("rounds_timetable",), permission=VIEW_TIMETABLE),
    RoundPage("papers", "会议材料", ("rounds_papers",)),
    RoundPage(
        "day",
        "现场",
        ("rounds_day_day", "rounds_day_check_in", "rounds_day_tables", "rounds_day_table"),
        "{public_id}",
    ),
    RoundPage("after", "会后跟进", ("deals_after",), "", "?round={public_id}"),
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
        if address := page_address(page, docking_round):
            tabs.append(Tab(page.words, address, page.key == of_page or url_name in page.url_names))
    return tabs


def page_address(page: RoundPage, docking_round: DockingRound) -> str:
    """The address of a page of the round; empty if the page is not installed."""
    values = {"pk": docking_round.pk, "public_id": docking_round.public_id}
    arguments = [page.argument.format(**values)] if page.argument else []
    try:
        return reverse(f"admin:{page.url_names[0]}", args=arguments) + page.query.format(**values)
    except NoReverseMatch:
        return ""
