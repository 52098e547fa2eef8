"""What every page needs to know of its owner and of where the reader is."""

from django.conf import settings

NAV = [
    ("achievement_list", "找成果", {"achievement_list", "achievement_detail"}),
    ("demand_list", "找需求", {"demand_list", "demand_detail"}),
    ("agency_list", "服务机构", {"agency_list", "agency_detail"}),
    ("round_list", "对接活动", {"round_list", "round_detail", "round_agenda"}),
    ("base_list", "中试基地", {"base_list", "base_detail", "base_ask"}),
    ("policy_list", "政策指南", {"policy_list", "policy_detail"}),
    ("public_figures", "成效数据", {"public_figures"}),
]
"""URL name, label, and the URL names that count as being there."""


def site(request) -> dict:
    """`site`: the SITE settings; `nav`: the main menu as {url_name, label, current}; `url_name`: the page's own name;
    `at_workbench`: whether it is one of the workbench's.

    Reads nothing from the database, so that an error page can use it.
    """
    match = getattr(request, "resolver_match", None)
    here = match.url_name if match else None
    return {
        "site": settings.SITE,
        "url_name": here,
        "at_workbench": bool(match and match.route.startswith("workbench/")),
        "nav": [{"url_name": name, "label": label, "current": here in names} for name, label, names in NAV],
    }
