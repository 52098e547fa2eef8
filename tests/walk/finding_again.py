"""What the walk finds of favourites, subscriptions, comparison and feeds, and what each role gets there."""

from types import SimpleNamespace

from favourites.models import Favourite
from subscriptions.models import Dismissal, Hit, SavedSearch
from subscriptions.stop_tokens import make_stop_token


def plant(world, side, *, mine: bool) -> None:
    """A private note, a saved search, what it has found and what was dismissed: of the firm, and of somebody else."""
    tag, user = ("甲", world.users["firm"]) if mine else ("乙", side.user)
    firm = ("firm",) if mine else ()
    open_achievement, open_demand = world.open.achievement, world.open.demand
    note = world.secret(f"私下备注{tag}", *firm)
    side.favourite = Favourite.objects.create(
        user=user, achievement=open_achievement, note=note, known={"名称": "已公开成果"}
    )
    side.saved_search = SavedSearch.objects.create(
        user=user, kind="achievement", name=world.secret(f"私下订阅{tag}", *firm), text=f"私下订阅{tag}"
    )
    reasons = [{"search": side.saved_search.public_id, "name": side.saved_search.name, "why": "名称"}]
    side.hit = Hit.objects.create(user=user, achievement=open_achievement, version="1", reasons=reasons)
    side.dismissal = Dismissal.objects.create(user=user, demand=open_demand, reason="field")


NAMED = {
    "open data file": lambda world: {
        "own": SimpleNamespace(public_id="achievements.csv"),
        "foreign": SimpleNamespace(public_id="demands.json"),
    },
    "stop token": lambda world: {
        kind: SimpleNamespace(public_id=make_stop_token(SavedSearch(public_id="2" * 10))) for kind in ("own", "foreign")
    },
}
LOGGED_IN = "login 200 200 200 200 200 200 200 200"
NO_GET = "login 405 405 405 405 405 405 405 405"
FIRM_ONLY = "login 404 404 away! 404 404 404 404 404"
NOBODY = "login 404 404 404 404 404 404 404 404"


def _open_achievement(world, kind):
    return {"achievement": world.open.achievement.public_id, "next": "/achievements/"}


PAGES = {
    "achievements/compare/": {"GET": "200", "POST": "405"},
    "achievements/feed/": {"GET": "200"},
    "demands/feed/": {"GET": "200"},
    "favicon.ico": {"GET": "200", "POST": "405"},
    "favourites/add/": {
        "GET": "405",
        "data": _open_achievement,
        "POST": "away away! away! away away! away! away! away! away!",  # the firm has it already
    },
    "favourites/remove/": {
        "GET": "405",
        "data": _open_achievement,
        "POST": "away away away away! away away away away away",
    },
    "favourites/": {"GET": "200 away away away away away away away away", "POST": "405"},
    "favourites/shared/": {"GET": "200", "POST": "405"},
    "favourites/shared/take/": {
        "GET": "405",
        "data": lambda world, kind: {"a": world.open.achievement.public_id},
        "POST": "away away! away! away away! away! away! away! away!",
    },
    "favourites/export/": {"GET": "200", "POST": "405"},
    "favourites/empty/": {"GET": "405", "POST": "away"},
    "news/feed/": {"GET": "200"},
    "open-data/": {"GET": "200", "POST": "405"},
    "open-data/catalogue.jsonld": {"GET": "200", "POST": "405"},
    "open-data/<str:name>": {"about": "open data file", "GET": "200", "POST": "405"},
    "text-size/": {"GET": "405", "POST": "away"},
    "workbench/favourites/": {"GET": LOGGED_IN, "POST": NO_GET},
    "workbench/favourites/<public_id:public_id>/": {
        "about": "favourite",
        "GET": NO_GET,
        "data": lambda world, kind: {"action": "note", "note": "新的备注"},
        "POST own": FIRM_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/subscriptions/": {"GET": LOGGED_IN, "POST": NO_GET},
    "workbench/subscriptions/new/": {
        "GET": LOGGED_IN,
        "data": lambda world, kind: {"kind": "demand", "mode": "words", "text": "轴承"},
        "POST": "login away! away! away! away! away! away! away! away!",
    },
    "workbench/subscriptions/dismissed/": {"GET": LOGGED_IN, "POST": NO_GET},
    "workbench/subscriptions/dismissed/<public_id:public_id>/restore/": {
        "about": "dismissal",
        "GET": NO_GET,
        "POST own": FIRM_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/subscriptions/hits/<public_id:public_id>/dismiss/": {
        "about": "hit",
        "GET": NO_GET,
        "data": lambda world, kind: {"reason": "field"},
        "POST own": FIRM_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/subscriptions/<public_id:public_id>/": {
        "about": "savedsearch",
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": NOBODY,
        "data": lambda world, kind: {"mode": "words", "text": "轴承"},
        "POST own": FIRM_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/subscriptions/<public_id:public_id>/step/": {
        "about": "savedsearch",
        "GET": NO_GET,
        "data": lambda world, kind: {"action": "pause"},
        "POST own": FIRM_ONLY,
        "POST foreign": NOBODY,
    },
    # whoever has the link of an existing search: see tests/subscriptions/test_views.py
    "subscriptions/stop/<str:token>/": {"about": "stop token", "GET": "404", "POST": "404"},
}
