"""What the walk finds of private notes and calendar links, and what each role gets there."""

from types import SimpleNamespace

from calendars.models import CalendarFeed
from core.secret_links import digest_of
from notes.models import TalkNote
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A note that only the office reads, and the calendar link of somebody without an organisation."""
    tag = "甲" if mine else "乙"
    side.talknote = TalkNote.objects.create(
        organisation=side.institution,
        author=side.user,
        achievement=side.offered,
        text=world.secret(f"只给同事看的笔记{tag}", *(("office",) if mine else ())),
    )
    CalendarFeed.objects.create(user=make.user(), digest=digest_of(secret(mine)))


def secret(mine: bool) -> str:
    return "own-calendar" if mine else "foreign-calendar"


NAMED = {
    "calendar secret": lambda _world: {
        kind: SimpleNamespace(public_id=secret(kind == "own")) for kind in ("own", "foreign")
    }
}
ONE_WAY = "login 405 405 405 405 405 405 405 405"
TEXT = {"text": "记一笔"}
PAGES = {
    "calendar/<str:secret>/dalian.ics": {"about": "calendar secret", "GET": "200", "POST": "405"},
    "workbench/calendar/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 200! 200! 200! 200! 200! 200! 200! 200!",
    },
    "workbench/calendar/end/": {"GET": ONE_WAY, "POST": "login away away away away away away away away"},
    "workbench/notes/follow-up/<public_id:public_id>/": {
        "about": "followup",
        "data": lambda world, kind: TEXT,
        "GET": ONE_WAY,
        "POST own": "login 404 away! away! 403 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/notes/achievement/<public_id:public_id>/": {
        "about": "draft achievement",
        "data": lambda world, kind: TEXT,
        "GET": ONE_WAY,
        "POST own": "login 404 away! 404 404 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/notes/demand/<public_id:public_id>/": {
        "about": "draft demand",
        "data": lambda world, kind: TEXT,
        "GET": ONE_WAY,
        "POST own": "login 404 404 away! 403 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/notes/<public_id:public_id>/remove/": {
        "about": "talknote",
        "GET": ONE_WAY,
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
}
