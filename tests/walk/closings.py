"""What each role gets at the addresses of the month-end close: "own" is a signed version, "foreign" a checked one."""

from datetime import date, datetime
from types import SimpleNamespace

from django.utils import timezone

from mechanism.closing.sealing import content_hash, seal_of
from mechanism.models import FigureVersion
from tests import factories as make

YEAR = timezone.localdate().year - 1
MONTH = SimpleNamespace(slug=f"{YEAR}-12")

PUBLISHED = ("turnover", "funds")
DEFINITION = {"label": "数", "formula": "怎么算", "unit": "亿元", "version": "0", "since": "2026-01-01"}
PUBLIC_FIGURE = {"label": "数", "unit": "亿元", "formula": "怎么算", "text": "1", "note": "", "target": ""}


def plant(world, side, *, mine: bool) -> None:
    """Versions without rows: the walk asks who gets which page, not what is counted."""
    year = YEAR if mine else YEAR - 1
    version = FigureVersion.objects.create(
        period=f"{year}-12",
        last_on=date(year, 12, 31),
        number=1,
        checked_by=make.city_officer(),
        checked_at=timezone.make_aware(datetime(year + 1, 1, 4, 10)),
        definitions={key: DEFINITION for key in PUBLISHED},
        public_report={"figures": [PUBLIC_FIGURE | {"key": key} for key in PUBLISHED]},
        note=world.secret(f"核对时发现的问题{year}", "city", "auditor"),
    )
    version.content_hash = content_hash(version)
    if mine:
        version.status, version.signed_by, version.office = "signed", make.city_officer(), "市科技局"
        version.signed_at = timezone.make_aware(datetime(year + 1, 1, 5, 10))
        version.seal = seal_of(version)
    version.save()
    side.figureversion = version


READ = "login 403 403 403 403 200 403 200 403"
AT = "workbench/closings/"
VERSION = f"{AT}versions/<public_id:public_id>/"
PAGES = {
    "figures/check/": {"GET": "200", "POST": "405"},
    "figures/check/<public_id:code>/": {
        "about": "figureversion",
        "GET own": "200",
        "GET foreign": "404",  # nobody has signed it
        "POST": "405",
    },
    AT: {"GET": READ, "POST": "login 403 403 403 403 405 403 405 403"},
    f"{AT}<slug:month>/": {
        "about": "closed month",
        "GET": READ,
        "POST": "login 403 403 403 403 422 403 422 403",  # nothing was ticked
    },
    VERSION: {"about": "figureversion", "GET": READ, "POST": "login 403 403 403 403 405 403 405 403"},
    f"{VERSION}sign/": {
        "about": "figureversion",
        "GET": "login 403 403 403 403 405 403 405 403",
        "POST": "login 403 403 403 403 away 403 away 403",  # to the password
    },
    f"{VERSION}withdraw/": {
        "about": "figureversion",
        "GET": "login 403 403 403 403 405 403 405 403",
        "POST own": "login 403 403 403 403 away 403 403 403",  # signed: a sentence
        "POST foreign": "login 403 403 403 403 away! 403 403 403",
    },
    f"{VERSION}paper/": {
        "about": "figureversion",
        "GET own": "login 403 403 403 403 200! 403 200! 403",
        "GET foreign": "login 403 403 403 403 404 403 404 403",
        "POST": "login 403 403 403 403 405 403 405 403",
    },
}
