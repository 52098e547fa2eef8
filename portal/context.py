"""Context processor: the site, the main menu and the current page."""

from django.conf import settings
from django.http import HttpRequest

from core.text_size import is_large
from core.workdays import workdays_text

NAV = [
    (
        "achievement_list",
        "找成果",
        {
            *("achievement_list", "achievement_detail", "comparison"),
            *("institution_list", "institution_detail", "industry_list", "industry_detail"),
        },
    ),
    ("demand_list", "找需求", {"demand_list", "demand_detail", "district_list", "district_detail"}),
    ("challenge_list", "揭榜挂帅", {"challenge_list", "challenge_detail"}),
    ("agency_list", "服务机构", {"agency_list", "agency_detail"}),
    ("round_list", "对接活动", {"round_list", "round_detail", "round_agenda"}),
    ("base_list", "中试基地", {"base_list", "base_detail", "base_ask"}),
    (
        "policy_list",
        "政策指南",
        {"policy_list", "policy_detail", "subsidy_publicity", "subsidy_grant", "obstacle_answers"},
    ),
    ("public_figures", "成效数据", {"public_figures"}),
]
"""URL name, label, and the URL names of the pages that belong to the entry."""

OWN_SEARCH = {
    *("home", "search", "achievement_list", "demand_list"),
    "party_meeting_requests",
}
"""URL names of pages with a search box of their own, which have none in the head."""


NO_TOKEN = {"csrf_token": ""}
"""What makes Django's tag `csrf_token` write nothing."""


def site(request: HttpRequest) -> dict:
    """`site`: the SITE settings; `city`: the city of the installation; `answer_time`, `anonymity_firms`:
    its period for answers in words and its threshold of anonymity; `nav`: the main menu as {url_name, label,
    current}; `url_name`: the URL name of the page; `has_own_search`: whether the page has a search box of its own;
    `at_workbench`: whether the page belongs to the workbench; `large_type`: whether the reader wants large letters.
    A page that is one for all visitors gets no CSRF token (`core/csrf.py`): the token would be one visitor's, and its
    cookie would make the page that visitor's alone.

    Reads nothing from the database, so that error pages can use it.
    """
    match = getattr(request, "resolver_match", None)
    url_name = match.url_name if match else None
    return {
        "site": settings.SITE,
        "city": settings.CITY,
        "answer_time": workdays_text(settings.APPROACH_ANSWER_WORKDAYS),
        "anonymity_firms": settings.ANONYMITY_FIRMS,
        "url_name": url_name,
        "has_own_search": url_name in OWN_SEARCH,
        "large_type": is_large(request),
        "at_workbench": bool(match and match.route.startswith("workbench/") and url_name != "notices"),
        "nav": [{"url_name": name, "label": label, "current": url_name in names} for name, label, names in NAV],
        **(NO_TOKEN if getattr(request, "is_for_everybody", False) else {}),
    }
