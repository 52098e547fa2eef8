"""What each role gets at the staff pages of a round, as `expected` writes it."""

AT = "admin/rounds/dockinground/<int:pk>/"
READS = "login login login login 200 200 login 200 403"
POSTED = "login login login login 405 405 login 405 405"


CITY = "login login login login 403 200 login 200 403"
"""It names every district's firms."""


def _ban(world, kind):
    """Of an item of the other side: an officer of the city may ban anything that is on offer."""
    return {
        "deed": "ban",
        "achievement": getattr(world, kind).offered.public_id,
        "reason": "已另行安排",
        "revision": "0",
    }


def _edited(world, kind):
    report = getattr(world, kind).report
    return {"deed": "edit", "report": report.public_id, "revision": "0", "guests": "到会踊跃。"}


PAGES = {
    f"{AT}selection/": {
        "about": "dockinground",
        "GET": READS,
        "POST": "login login login login 405 405 login 405 405",
    },
    f"{AT}selection/change/": {
        "about": "dockinground",
        "GET": "login login login login 405 405 login 405 405",
        "data": _ban,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}report/": {"about": "dockinground", "GET": CITY, "POST": "login login login login 405 405 login 405 405"},
    f"{AT}report/change/": {
        "about": "dockinground",
        "GET": "login login login login 405 405 login 405 405",
        "data": _edited,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}report/rows/": {  # without saying which figure; with it, see tests/rounds/report/test_forms.py
        "about": "dockinground",
        "GET": "login login login login 403 404 login 404 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/rounds/dockinground/report/<slug:public_id>/word/": {
        "about": "roundreport",
        "GET": CITY,
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/rounds/dockinground/report/<slug:public_id>/pdf/": {
        "about": "roundreport",
        "GET": CITY,
        "POST": "login login login login 405 405 login 405 405",
    },
}
