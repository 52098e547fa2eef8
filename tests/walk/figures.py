"""What each role gets at the addresses of the city's figures. City, auditor, districts, institutions have a board."""

from datetime import date

from mechanism.models import AllocatedTarget, RateRule, Target


def plant(side, *, mine: bool) -> None:
    year = 2026 if mine else 2027
    side.target = Target.objects.create(
        figure="turnover", year=year, value=600, source="测试", valid_from=date(year, 1, 1)
    )
    side.allocated = AllocatedTarget.objects.create(figure="items", year=year, region=side.region, value=60)
    side.raterule = RateRule.objects.create(valid_from=date(year, 1, 1))


BOARD = "login 403 200 403 200 200 403 200 403"
DOWNLOAD = "login 403 200! 403 200! 200! 403 200! 403"  # who exported what is written down
POSTED = "login 405 405 405 405 405 405 405 405"
ROWS = {  # the funds are the city's alone
    "GET funds": "login 403 404 403 404 200 403 200 403",
    "GET agencies": "login 403 404 403 200 200 403 200 403",
    "GET turnover": BOARD,
    "GET items": BOARD,
    "GET ventures": BOARD,
    "GET open_demands": "login 403 404 403 200 200 403 200 403",  # the firms of the district
    "GET base_requests": "login 403 404 403 404 200 403 200 403",
}

AT = "workbench/figures/"
PAGES = {
    "figures/": {"GET": "200", "POST": "405"},
    AT: {"GET": BOARD, "POST": POSTED},
    f"{AT}wall/": {"GET": BOARD, "POST": POSTED},
    f"{AT}tables/": {"GET": BOARD, "POST": POSTED},
    f"{AT}method/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": POSTED},
    f"{AT}briefing/": {"GET": "login 403 403 403 200 200 403 200 403", "POST": POSTED},
    f"{AT}briefing/export/": {"GET": "login 403 403 403 200! 200! 403 200! 403", "POST": POSTED},
    f"{AT}targets/": {"GET": BOARD, "POST": "login 403 403 403 403 away 403 403 403"},
    f"{AT}targets/<public_id:public_id>/": {
        "about": "public allocated",
        "data": lambda world, kind: {"step": "agree", "revision": "0"},
        "GET": POSTED,
        "POST own": "login 404 404 404 away! 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    f"{AT}export/": {"GET": DOWNLOAD, "POST": POSTED},
    f"{AT}<slug:key>/": {"about": "city figure", "GET": BOARD, "POST": POSTED},
    f"{AT}<slug:key>/rows/": {"about": "city figure", **ROWS, "POST": POSTED},
    f"{AT}<slug:key>/changes/": {"about": "city figure", **ROWS, "POST": POSTED},
    f"{AT}<slug:key>/export/": {
        "about": "city figure",
        "GET turnover": DOWNLOAD,
        "GET funds": "login 403 404 403 404 200! 403 200! 403",
        "POST": POSTED,
    },
    "api/v1/figures/": {"GET": "200", "POST": "405"},
    "api/v1/figures/<slug:key>/": {
        "about": "city figure",
        "GET turnover": "200",
        "GET funds": "200 200 404 200 404 200 200 200 200",
        "GET signed_money": "404 404 200 404 200 200 404 200 404",
        "POST": "405",
    },
}

DESKS = {
    "mechanism.target": ("", "vac", "v", ""),
    "mechanism.raterule": ("", "vac", "v", ""),
}
