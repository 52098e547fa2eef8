"""What each role gets at the addresses of the review desk, as `expected` writes it. Its steps are sent as JSON."""

import json
from uuid import uuid4

READS = "login login login login 200 200 login 200 403"
POSTED = "login login login login 405 405 login 405 405"


def sent(**fields):
    """The JSON that a page would send, about a side's proposed match: `fields` name how each value is had of it."""
    return lambda world, kind: json.dumps({name: of(getattr(world, kind)) for name, of in fields.items()})


def _match(side):
    return side.match.public_id


def _matches(side):
    return [side.match.public_id]


def _demands(side):
    return [side.match.demand.public_id]


def _key(_side):
    return str(uuid4())


AT = "admin/matching/match/triage/"
PAGES = {
    "admin/matching/match/open-desk/": {"GET": "login login login login away away login away 403"},
    AT: {"GET": READS, "POST": POSTED},
    f"{AT}queue/": {"GET": READS, "POST": POSTED},
    # without saying about which match; with it, see tests/matching/test_desk.py
    f"{AT}colleagues/": {"GET": "login login login login 404 404 login 404 403", "POST": POSTED},
    f"{AT}brokers/": {"GET": "login login login login 404 404 login 404 403", "POST": POSTED},
    f"{AT}pairs/": {
        "data": sent(want=_matches, open=_match),
        "GET": POSTED,
        "POST own": "login login login login 200! 200! login 200 403",
        "POST foreign": READS,
    },
    f"{AT}decide/": {
        "data": sent(key=_key, id=_match, kind=lambda side: "accept", revision=lambda side: 0),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200! 200! login 403 403",
        "POST foreign": "login login login login 404 200! login 403 403",
    },
    f"{AT}undo/": {
        "data": sent(key=_key),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200 200 login 403 403",
    },
    f"{AT}preview/": {
        "data": sent(ids=_matches),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200 200 login 403 403",
        "POST foreign": "login login login login 200 200 login 403 403",  # of a foreign one nothing is said
    },
    f"{AT}bulk/": {
        "data": sent(key=_key, ids=_matches, kind=lambda side: "accept"),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200! 200! login 403 403",
        "POST foreign": "login login login login 200 200! login 403 403",
    },
    f"{AT}cards/": {
        "data": sent(want=_demands, open=lambda side: side.match.demand.public_id),
        "GET": POSTED,
        "POST own": "login login login login 200! 200! login 200 403",
        "POST foreign": "login login login login 200 200! login 200 403",  # of a foreign one nothing is said
    },
    f"{AT}choose/": {
        "data": sent(
            key=_key,
            demand=lambda side: side.match.demand.public_id,
            outcome=lambda side: "none",
            shown=lambda side: {side.match.public_id: 0},
        ),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200! 200! login 403 403",
        "POST foreign": "login login login login 404 200! login 403 403",
    },
    f"{AT}keys/": {
        "data": sent(on=lambda side: False),
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 200! 200! login 403 403",
    },
    f"{AT}needs/": {"GET": "login login login login away away login away 403", "POST": POSTED},
    f"{AT}needs/<slug:public_id>/": {
        "about": "matched demand",
        "GET own": READS,
        "GET foreign": "login login login login 404 200 login 200 403",
        # the form of a page without JavaScript
        "data": lambda world, kind: {
            "key": _key(None),
            "outcome": "none",
            "shown": f"{getattr(world, kind).match.public_id}:0",
        },
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login 404 away! login 403 403",
    },
}
