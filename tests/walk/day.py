"""What the walk finds on the day of a round, and what each role gets there."""

import json
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from django.utils import timezone

from rounds.models import Outcome, SignageScreen
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A round that goes on: a talk about an anonymous need at its table, and what the firm said of it."""
    tag = "甲" if mine else "乙"
    district, firm = (("district",), ("firm",)) if mine else ((), ())
    staff = (*district, "city", "auditor")
    side.day_round = make.docking_round(name=f"进行中的对接会{tag}", status="running")
    side.day_party = make.party(side.day_round, side.firm)
    side.day_institution_party = make.party(side.day_round, side.institution)
    side.day_person = make.attendee(side.day_party, name=world.secret(f"宇文{tag}宾", *staff))
    stranger = make.party(side.day_round, make.firm("大连路过企业有限公司", region_code="210224"))
    make.attendee(stranger, name=world.secret(f"尉迟{tag}客", "city", "auditor"))
    side.day_meeting = make.meeting(side.day_party, side.day_institution_party, match=side.accepted)
    hall = make.hall(side.day_round)
    now = timezone.now()
    slot = make.slots(side.day_round, 1)[0]
    slot.starts_at, slot.ends_at = now - timedelta(minutes=5), now + timedelta(minutes=15)
    slot.save()
    make.timetable(side.day_round, {side.day_meeting: (slot, hall, 1)})
    note = world.secret(f"桌上的话{tag}", *firm)
    Outcome.objects.create(meeting=side.day_meeting, side="firm", verdict="no_fit", reason="price", note=note)
    side.screen = SignageScreen.objects.create(docking_round=side.day_round)
    side.day_table = SimpleNamespace(pk=f"{hall.pk}-1")
    side.day_code = SimpleNamespace(public_id=side.day_institution_party.code)


def sent(**fields):
    """The JSON that a page would send: `fields` name how each value is had of a side of the world."""

    def data(world, kind):
        side = world.foreign if kind == "foreign" else world.own
        return json.dumps({"key": str(uuid4())} | {name: of(side) for name, of in fields.items()})

    return data


READS = "login login login login 200 200 login 200 403"
POSTED = "login login login login 405 405 login 405 405"
OUTCOME = sent(meeting=lambda side: side.day_meeting.public_id, verdict=lambda side: "go_on")
AT = "admin/rounds/dockinground/day/"
PAGES = {
    f"{AT}<slug:public_id>/": {"about": "day_round", "GET": READS, "POST": POSTED},
    f"{AT}<slug:public_id>/check-in/": {"about": "day_round", "GET": READS, "POST": POSTED},
    f"{AT}<slug:public_id>/check-in/worker.js": {"about": "day_round", "GET": READS, "POST": POSTED},
    f"{AT}badge/<slug:public_id>/": {
        "about": "day_person",
        "GET own": READS,
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST": POSTED,
    },
    f"{AT}<slug:public_id>/announcements/": {
        "about": "day_round",
        "data": lambda world, kind: {"text": "午餐在二楼", "minutes": "30"},
        "GET": POSTED,
        "POST": "login login login login 403 away! login 403 403",
    },
    f"{AT}<slug:public_id>/late-rule/": {
        "about": "day_round",
        "data": lambda world, kind: {"kind": "shorten", "min_minutes": "5"},
        "GET": POSTED,
        "POST": "login login login login 403 away! login 403 403",
    },
    f"{AT}<slug:public_id>/guests/": {"about": "day_round", "GET": READS, "POST": POSTED},
    f"{AT}<slug:public_id>/tables/": {"about": "day_round", "GET": READS, "POST": POSTED},
    f"{AT}table/<slug:place>/": {"about": "day_table", "GET": READS, "POST": POSTED},
    f"{AT}table/<slug:place>/worker.js": {"about": "day_table", "GET": READS, "POST": POSTED},
    f"{AT}<slug:public_id>/receive/": {
        "about": "day_round",
        "data": sent(kind=lambda side: "come", id=lambda side: side.day_person.public_id),
        "GET": POSTED,
        "POST own": "login login login login 200! 200! login 403 403",
        "POST foreign": "login login login login 422 200! login 403 403",  # no such guest in their list
    },
    f"{AT}<slug:public_id>/host/": {
        "about": "day_round",
        "data": sent(kind=lambda side: "begin", meeting=lambda side: side.day_meeting.public_id),
        "GET": POSTED,
        "POST own": "login login login login 200! 200! login 403 403",
        "POST foreign": "login login login login 404 200! login 403 403",
    },
    f"{AT}<slug:public_id>/absence/": {
        "about": "day_round",
        "data": lambda world, kind: {"party": getattr(world, kind).day_party.public_id, "kind": "absent"},
        "GET": POSTED,
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login away away! login 403 403",  # told that it is not on their list
    },
    f"{AT}<slug:public_id>/walls/": {
        "about": "day_round",
        "data": lambda world, kind: {"hall": ""},
        "GET": POSTED,
        "POST": "login login login login 403 away! login 403 403",
    },
    "rounds/day/<public_id:code>/": {"about": "day_code", "GET": "200", "POST": "405"},  # whoever has the invitation
    "rounds/day/<public_id:code>/outcome/": {
        "about": "day_code",
        "data": OUTCOME,
        "GET": "405",  # whoever has the code; but who is signed in speaks only for the own organisation
        "POST own": "200! 403 200! 403 403 403 403 403 403",
        "POST foreign": "200! 403 403 403 403 403 403 403 403",
    },
    "wall/<public_id:code>/": {"about": "screen", "GET": "200", "POST": "405"},
    "wall/<public_id:code>/worker.js": {"about": "screen", "GET": "200", "POST": "405"},
    "workbench/day/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/day/<public_id:public_id>/": {
        "about": "day_party",
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET office": "login 404 200 404 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/day/<public_id:public_id>/outcome/": {
        "about": "day_party",
        "data": OUTCOME,
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 200! 404 404 404 404 404",
        "POST office": "login 404 200! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
}
