"""What each role gets at the staff pages of a round, as `expected` writes it."""

from datetime import timedelta

from django.utils import timezone

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


def _reasoned(world, kind):
    later = timezone.localtime() + timedelta(days=30)
    return {"reason": "会场另有安排", "sure": "on", "starts_at": f"{later:%Y-%m-%dT%H:%M}"}


ACTS = {  # key: what an officer of the city gets with the round of each side: being gathered, in preparation
    "announce": ("422", "away!"),
    "schedule": ("422", "422"),
    "begin": ("away!", "422"),
    "close": ("422", "422"),
    "archive": ("422", "422"),
    "end-early": ("422", "422"),
    "postpone": ("away!", "422"),
    "cancel": ("away!", "away!"),
    "back": ("422", "422"),
}
CITY_ONLY = "login login login login 403 {} login 403 403"

PAGES = {
    f"{AT}home/": {"about": "dockinground", "GET": READS, "POST": POSTED},
    f"{AT}rows/": {  # without saying which rows; with it, see tests/rounds/staff/test_home.py
        "about": "dockinground",
        "GET": "login login login login 404 404 login 404 403",
        "POST": POSTED,
    },
    "admin/rounds/dockinground/copy/": {  # without saying of which round
        "GET": CITY_ONLY.format("200"),
        "POST": CITY_ONLY.format("422"),
    },
    f"{AT}copy/venue/": {
        "about": "copied round",
        "GET": CITY_ONLY.format("200"),
        "POST": CITY_ONLY.format("422"),
    },
    f"{AT}copy/guests/": {
        "about": "copied round",
        "GET": CITY_ONLY.format("200"),
        "data": lambda world, kind: {"which": "none"},
        "POST": CITY_ONLY.format("away"),
    },
    **{
        f"{AT}act/{act}/": {
            "about": "dockinground",
            "GET": CITY_ONLY.format("200"),
            "data": _reasoned,
            "POST own": CITY_ONLY.format(own),
            "POST foreign": CITY_ONLY.format(foreign),
        }
        for act, (own, foreign) in ACTS.items()
    },
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
