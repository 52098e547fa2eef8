"""What the walk finds of a round's timetable: each party's own list, and who reads it."""

import json
from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from rounds.models import LeftOut, Placement, Timetable
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A round of each side with one published meeting of the side's anonymous firm and its institution; and a party of
    nobody in the walk, whose list whoever has its code may read."""
    tag = "甲" if mine else "乙"
    docking_round = make.docking_round(name=f"排期对接会{tag}", starts_at=timezone.now() + timedelta(days=2),
                                       ends_at=timezone.now() + timedelta(days=2, hours=5))  # fmt: skip
    hall = make.hall(docking_round, name=f"{tag}厅")
    first, second = make.slots(docking_round, 2)
    side.planned_party = make.party(docking_round, side.firm)
    side.planned_team = make.party(docking_round, side.institution)
    guest = make.party(docking_round, make.firm(f"大连赴会{tag}有限公司", region_code=side.region.code))
    side.coded_party = SimpleNamespace(pk=guest.pk, public_id=guest.code)
    own = make.meeting(side.planned_party, side.planned_team, match=side.accepted)  # not both are willing yet
    other = make.meeting(guest, side.planned_team)
    side.timetable = Timetable.objects.create(
        docking_round=docking_round, number=1, status="published", published_at=timezone.now()
    )
    for meeting, slot in ((own, first), (other, second)):
        Placement.objects.create(timetable=side.timetable, meeting=meeting, slot=slot, hall=hall, table=1)
    side.planned_round, side.planned_meeting = docking_round, own
    side.draft_timetable = Timetable.objects.create(docking_round=docking_round, number=2, status="draft", made_by=None)
    Placement.objects.create(timetable=side.draft_timetable, meeting=own, slot=first, hall=hall, table=1)
    LeftOut.objects.create(timetable=side.draft_timetable, meeting=other, reason="洽谈桌已满")


AT = "admin/rounds/dockinground/timetable/<int:round_id>/"
LOOKS_NOWHERE = "login login login login 403 404 login 404 403"
LOOKS = "login login login login 403 200 login 200 403"
ONLY_GET = "login login login login 405 405 login 405 405"


def _step(world, kind):
    """Locking the side's own meeting in its draft."""
    side = getattr(world, kind)
    return json.dumps({"kind": "lock", "version": 2, "revision": 0, "meeting": side.planned_meeting.public_id})


DISTRICTS_TOO = "login login login login 200 200 login 200 403"


def _priority(world, kind):
    """The city wants the side's own meeting first."""
    return {"kind": "priority", "value": "3", "chosen": getattr(world, kind).planned_meeting.public_id}


def _wish(world, kind):
    return {"kind": "wish", "target": getattr(world, kind).offered.public_id}


READS = "login 200 200 200 200 200 200 200 200"
POSTED = "login 405 405 405 405 405 405 405 405"
PAGES = {
    "rounds/plans/<public_id:code>/": {"about": "coded party", "GET": "200", "POST": "405"},
    "rounds/plans/<public_id:code>/meetings.ics": {"about": "coded party", "GET": "200", "POST": "405"},
    "rounds/plans/<public_id:code>/wishes/": {
        "about": "coded party",
        "data": _wish,
        "GET": "200",
        "POST own": "away",
        "POST foreign": "away",
    },
    "workbench/meetings/<public_id:public_id>/wishes/": {  # the timetable is out: looked at, not changed any more
        "about": "planned party",
        "data": _wish,
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "POST own": "login 404 404 away 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "rounds/plans/<public_id:code>/guests/": {"about": "coded party", "GET": "200", "POST": "405"},
    "workbench/meetings/<public_id:public_id>/guests/": {
        "about": "planned party",
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "POST": POSTED,
    },
    "workbench/meetings/": {"GET": READS, "POST": POSTED},
    "workbench/meetings/<public_id:public_id>/": {
        "about": "planned party",
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": POSTED,
    },
    AT: {"about": "planned round", "GET": DISTRICTS_TOO, "POST": ONLY_GET},
    f"{AT}wishes/": {"about": "planned round", "GET": DISTRICTS_TOO, "POST": ONLY_GET},
    f"{AT}wishes/do/": {
        "about": "planned round",
        "data": _priority,
        "GET": ONLY_GET,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}board/": {"about": "planned round", "GET": LOOKS, "POST": ONLY_GET},
    # without saying which version or meeting; with them, see tests/rounds/staff/test_timetable.py
    f"{AT}cells/": {"about": "planned round", "GET": LOOKS_NOWHERE, "POST": ONLY_GET},
    f"{AT}preview/": {
        "about": "planned round",
        "GET": LOOKS_NOWHERE,
        "POST": ONLY_GET,
    },
    f"{AT}do/": {
        "about": "planned round",
        "data": _step,
        "GET": ONLY_GET,
        "POST own": "login login login login 403 200! login 403 403",
        "POST foreign": "login login login login 403 200! login 403 403",
    },
}
