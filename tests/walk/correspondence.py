"""What the walk finds of the inbox of an institution's office, of links to completers, and of monthly letters.

The firm of the enquiry is anonymous: neither the office nor the page of a link may show its name, which is planted.
"""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from correspondence import handover_links, letter_links
from correspondence.models import CompleterLetter
from correspondence.people import completers_of
from correspondence.services.completer_answers import answer_by_link, version_of
from correspondence.services.handovers import hand_over
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """An anonymous enquiry that a completer has, another that a completer has answered, and a letter that was sent."""
    tag, user = ("甲", world.users["office"]) if mine else ("乙", side.user)
    known_to = ("office",) if mine else ()
    officer = world.users["firm"] if mine else make.firm_officer(side.firm)
    day = timezone.localdate() + timedelta(days=5)

    def handed(number: int):
        item = make.achievement(
            title=f"交给完成人的成果{tag}{number}", institution=side.institution, contact=side.contact_of_office
        )
        asked = make.approach(achievement=item, firm=side.firm, by=officer, is_anonymous=True)
        note = f"给完成人看的话{tag}"
        return hand_over(asked, next(iter(completers_of(item))), closes_on=day, note=note, by=user)

    side.handover = handed(1)
    side.answered_handover = handed(2)
    answer_by_link(side.answered_handover, "text", text=world.secret(f"完成人还没发出的话{tag}", *known_to))
    side.completer_letter = CompleterLetter.objects.create(
        contact=side.contact_of_office, month=timezone.localdate().replace(day=1), item_count=1
    )


def _named(make_id):
    return lambda world: {kind: SimpleNamespace(public_id=make_id(getattr(world, kind))) for kind in ("own", "foreign")}


NAMED = {
    "handover token": _named(lambda side: handover_links.token_of(side.handover)),
    "letter token": _named(lambda side: letter_links.token_of(side.completer_letter)),
    "inbox row": _named(lambda side: f"enquiry-{side.handover.approach.public_id}"),
}
NO_GET = "login 405 405 405 405 405 405 405 405"
OFFICE_SEES = "login 404 200 404 404 404 404 404 404"
OFFICE_ONLY = "login 404 away! 404 404 404 404 404 404"
NOBODY = "login 404 404 404 404 404 404 404 404"
OFFICE_PAGE = "login 403 200 403 403 403 403 403 403"
AT = "workbench/inbox/"


def _handed(world, kind):
    item = getattr(world, kind).handover.achievement
    day = timezone.localdate() + timedelta(days=2)
    return {"handover-person": next(iter(completers_of(item))), "handover-closes_on": day.isoformat()}


def _sent(world, kind):
    row = getattr(world, kind).answered_handover
    return {"step": "send", "text": "可以。", "seen": version_of(row)}


PAGES = {
    "handovers/<slug:token>/": {
        "about": "handover token",
        "GET": "200",
        "data": lambda world, kind: {"kind": "text", "text": "可以。"},
        "POST own": "away! 403 away! 403 403 403 403 403 403",
        "POST foreign": "away! 403 403 403 403 403 403 403 403",
    },
    "letters/<slug:token>/": {"about": "letter token", "GET": "200", "POST": "405"},
    "letters/<slug:token>/stop/": {
        "about": "letter token",
        "GET": "200",
        "POST own": "200! 403 200! 403 403 403 403 403 403",
        "POST foreign": "200! 403 403 403 403 403 403 403 403",
    },
    AT: {"GET": OFFICE_PAGE, "POST": NO_GET},
    f"{AT}handovers/<public_id:public_id>/": {
        "about": "answered handover",
        "GET": NO_GET,
        "data": _sent,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    f"{AT}<slug:key>/": {
        "about": "inbox row",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "data": lambda world, kind: {"step": "message", "message-text": "可以。"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    f"{AT}<slug:key>/hand-over/": {
        "about": "inbox row",
        "GET": NO_GET,
        "data": _handed,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/letters/": {"GET": OFFICE_PAGE, "POST": NO_GET},
    "workbench/letters/settings/": {
        "GET": NO_GET,
        "data": lambda world, kind: {"is_on": "1"},
        "POST": "login 403 away! 403 403 403 403 403 403",
    },
    "workbench/letters/<public_id:public_id>/stop/": {
        "about": "offered achievement",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "stop"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
}
