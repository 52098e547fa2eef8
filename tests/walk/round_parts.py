"""What the walk finds of a round itself: halls, agenda, documents; and what each role gets there."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.timezone import localtime

from rounds.models import AvoidedPeriod, DockingRound, Paper
from rounds.services.documents import add_document
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    """An agenda item with a note, a public document and one for staff; "foreign" is a round in preparation."""
    tag = "甲" if mine else "乙"
    docking_round = side.round
    city = world.users["city"]
    host = city.memberships.get().organisation
    DockingRound.objects.filter(pk=docking_round.pk).update(place="会展中心", host=host)
    docking_round.refresh_from_db()
    note = world.secret(f"会务备注{tag}", "city", "auditor", *(("district",) if mine else ()))
    side.copied_round = make.docking_round(name=f"照办的对接会{tag}", status="preparing", copied_from=docking_round)
    side.avoided_period = AvoidedPeriod.objects.create(name=f"展会{tag}", from_on="2099-05-01", until_on="2099-05-03")
    hall = make.hall(docking_round)
    side.agenda_item = make.agenda_item(docking_round, hall=hall, title=f"政策解读{tag}", note=note)
    plan = uploads.PDF + tag.encode()
    side.round_document = add_document(docking_round, content=plan, name="交通图.pdf", by=city, is_public=True)
    content = uploads.PDF + world.secret(f"接待方案{tag}", "district", "city", "auditor").encode()
    side.private_document = add_document(docking_round, content=content, name="接待方案.pdf", by=city)
    side.paper = Paper(
        docking_round=docking_round,
        kind="plans",
        region=side.region,
        made_by=city,
        status="done",
        finished_at=timezone.now(),
    )
    words = world.secret(f"洽谈对象{tag}", "city", "auditor", *(("district",) if mine else ()))
    side.paper.file.save("a.pdf", ContentFile(b"%PDF-" + words.encode()))


def a_day(world, kind) -> dict:
    """Turns within the round, on whichever of its days has more of it."""
    docking_round = getattr(world, kind).round
    begin = localtime(docking_round.starts_at) + timedelta(minutes=1)
    end = localtime(docking_round.ends_at)
    midnight = end.replace(hour=0, minute=0)
    if begin < midnight:
        begin, end = (midnight, end) if end - midnight > midnight - begin else (begin, midnight - timedelta(minutes=1))
    return {"day": f"{begin:%Y-%m-%d}", "begin": f"{begin:%H:%M}", "end": f"{end:%H:%M}", "length": 30, "pause": 0}


def timetable_published(docking_round) -> None:
    """What a round needs before its schedule is announced."""
    make.slots(docking_round, 1)
    make.timetable(docking_round)


STAFF_READS = "login login login login 403 200 login 200 403"
CITY_ONLY = "login login login login 403 {} login 403 403"
ONLY_POSTED = "login login login login 405 405 login 405 405"
AT = "admin/rounds/dockinground/"
PAGES = {
    "rounds/<public_id:public_id>/agenda/": {
        "about": "dockinground",
        "GET own": "200",
        "GET foreign": "404 404 404 404 200 200 404 200 404",
        "POST": "405",
    },
    "rounds/<public_id:public_id>/calendar.ics": {
        "about": "dockinground",
        "GET own": "200",
        "GET foreign": "404 404 404 404 200 200 404 200 404",
        "POST": "405",
    },
    "rounds/agenda/<public_id:public_id>.ics": {
        "about": "agendaitem",
        "GET own": "200",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "rounds/documents/<public_id:public_id>/": {
        "about": "round_document",
        "GET own": "200",
        "GET foreign": "404 404 404 404 200 200 404 200 404",
        "GET private": "404 404 404 404 200 200 404 200 404",
        "POST": "405",
    },
    f"{AT}calendar/": {"GET": "login login login login 200 200 login 200 403", "POST": ONLY_POSTED},
    f"{AT}open_calendar/": {"GET": "login login login login away away login away 403"},
    f"{AT}copy_last/": {"GET": "login login login login 403 away login 403 403"},
    f"{AT}<int:pk>/venue/": {"about": "dockinground", "GET": STAFF_READS, "POST": ONLY_POSTED},
    f"{AT}<int:pk>/venue/places/": {
        "about": "dockinground",
        "GET": CITY_ONLY.format("200"),
        "POST": CITY_ONLY.format("422"),  # without its rows
    },
    f"{AT}<int:pk>/agenda/": {
        "about": "dockinground",
        "GET": "login login login login 200 200 login 200 403",
        "POST": ONLY_POSTED,
    },
    f"{AT}agenda/<slug:public_id>/drop/": {
        "about": "agendaitem",
        "GET": ONLY_POSTED,
        "data": lambda world, kind: {"reason": "讲者生病"},
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}<int:pk>/venue/slots/": {
        "about": "dockinground",
        "GET": ONLY_POSTED,
        "data": a_day,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}<int:pk>/venue/walks/": {
        "about": "dockinground",
        "GET": ONLY_POSTED,
        "POST": "login login login login 403 away! login 403 403",
    },
    f"{AT}<int:pk>/venue/documents/": {
        "about": "dockinground",
        "GET": ONLY_POSTED,
        "data": lambda world, kind: {"file": SimpleUploadedFile("样本.pdf", uploads.PDF + b"%")},
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    f"{AT}<int:pk>/papers/": {
        "about": "dockinground",
        "GET": "login login login login 200 200 login 200 403",
        "POST": ONLY_POSTED,
    },
    f"{AT}<int:pk>/papers/make/": {
        "about": "dockinground",
        "GET": ONLY_POSTED,
        "data": lambda world, kind: {"kind": "letters"},
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login away! away! login 403 403",  # of one's own firms there are none
    },
    f"{AT}<int:pk>/papers/export/": {
        "about": "dockinground",
        "GET": "login login login login 403 200! login 200! 403",  # who took what is written down
        "POST": ONLY_POSTED,
    },
    f"{AT}papers/<slug:public_id>/download/": {
        "about": "paper",
        "GET own": "login login login login 200 200 login 200 403",
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST": ONLY_POSTED,
    },
    f"{AT}documents/<slug:public_id>/remove/": {
        "about": "round_document",
        "GET": ONLY_POSTED,
        "POST own": "login login login login 403 away! login 403 403",  # the sysadmin may see what everybody may
        "POST private": "login login login login 403 away! login 403 404",
        "POST foreign": "login login login login 403 away! login 403 404",
    },
}
