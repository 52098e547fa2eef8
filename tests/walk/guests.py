"""What the walk finds of a round's guests, and what each role gets there."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from rounds.models import Attendee, GuestMessage, LateAnswer, Outcome
from rounds.services.invitation_replies import AttendeeInput, InvitationReply, reply_to_json
from rounds.views.staff.pre_docking_figures import FIGURES
from tests import factories as make

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def plant(world, side, *, mine: bool) -> None:
    """A firm that comes, with a note and a person of its own, and an institution's team that was asked. Both in the
    open round, so that the foreign ones are guests of the same event."""
    tag = "甲" if mine else "乙"
    firm, district = (("firm",), ("district",)) if mine else ((), ())
    docking_round = world.own.round
    side.party = make.party(
        docking_round,
        side.firm,
        answer_note=world.secret(f"想谈保持架{tag}", *firm, *district, "city", "auditor"),
        invited_by=world.users["city"],
        letter="mail",
    )
    name = world.secret(f"端木{tag}", *firm, *district, "city", "auditor")
    side.attendee = Attendee.objects.create(party=side.party, name=name, position="总工")
    side.asked_team = make.party(docking_round, side.institution, team=f"团队{tag}", answer="invited")
    _plant_messages(world, side, docking_round, tag)
    _met(world, side, tag)
    world.secret(side.party.code)  # nobody reads a code anywhere but in the letter


def _plant_messages(world, side, docking_round, tag: str) -> None:
    """A guest to telephone, and one whose answer waits for the planner."""
    firm, late = (make.firm(f"大连{name}{tag}公司", region_code=side.region.code) for name in ("待打电话", "答复晚到"))
    words = world.secret(f"电话里要说的{tag}", *(("district",) if tag == "甲" else ()), "city", "auditor")
    side.guest_message = GuestMessage.objects.create(
        docking_round=docking_round,
        party=make.party(docking_round, firm, answer="invited"),
        kind="change",
        way="call",
        subject="时间有变",
        text=words,
    )
    reply = InvitationReply(coming=True, people=(AttendeeInput("王五"),), note=words)
    guest = make.party(docking_round, late, answer="invited")
    side.late_answer = LateAnswer.objects.create(party=guest, kind="yes", reply=reply_to_json(reply))


def _met(world, side, tag: str) -> None:
    """A pair that talked and is asked after 30 days: the firm's question, open, with a link of its own."""
    # Another firm than the anonymous one: who has met knows the other side's name.
    firm = make.firm(f"大连会过面{tag}公司", region_code=side.region.code)
    pair = make.match(
        achievement=side.offered,
        demand=make.demand(title=f"洽谈过的需求{tag}", firm=firm),
        run=side.run,
        status="accepted",
        reviewed_by=world.users["city"],
        reviewed_at=timezone.now(),
    )
    met_on = timezone.localdate() - timedelta(days=31)
    row = make.met(pair, key=f"talk{tag}", met_on=met_on, by=world.users["city"])
    row.checks.update(sent_at=timezone.now())
    side.check = row.checks.get(kind="30")
    side.talk = make.meeting(side.party, side.asked_team, origin="on_site")
    words = world.secret(f"桌上说的话{tag}", *(("firm",) if tag == "甲" else ()))
    Outcome.objects.create(meeting=side.talk, side="firm", verdict="go_on", note=words)


def check_codes(world) -> dict:
    return {kind: SimpleNamespace(public_id=getattr(world, kind).check.code) for kind in ("own", "foreign")}


def _progress(world, kind) -> dict:
    return {f"check-{getattr(world, kind).check.public_id}-answer": "progress"}


def codes(world) -> dict:
    return {kind: SimpleNamespace(public_id=getattr(world, kind).asked_team.code) for kind in ("own", "foreign")}


def figures(_world) -> dict:
    return {name: SimpleNamespace(pk=name) for name in FIGURES}


def tokens(world) -> dict:
    return {kind: SimpleNamespace(public_id=getattr(world, kind).question_token) for kind in ("own", "foreign")}


NAMED = {"guest figure": figures, "rsvp code": codes, "check code": check_codes, "confirmation token": tokens}
"""Rows that are no rows: names of figures, and codes in addresses."""


def _declined(_world, _kind) -> dict:
    return {"revision": "0", "coming": "declined", "people-TOTAL_FORMS": "0", "people-INITIAL_FORMS": "0"}


def _decided(world, kind) -> dict:
    return {"deed": "accept", "late": getattr(world, kind).late_answer.public_id}


AT = "admin/rounds/party/"
ROUND = "admin/rounds/dockinground/<int:pk>/"
READS = "login login login login 200 200 login 200 403"
TAKES = "login login login login 200! 200! login 200! 403"
POSTS_NOTHING = "login login login login 405 405 login 405 405"
PAGES = {
    "r/": {"GET": "200", "POST": "422"},
    "r/<public_id:code>/": {  # whoever has the code, signed in as anybody or not at all
        "about": "rsvp code",
        "data": _declined,
        "GET": "200",
        "POST": "away!",
    },
    "workbench/invitations/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/invitations/<public_id:public_id>/": {
        "about": "party",
        "data": _declined,
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "c/<public_id:code>/": {
        "about": "check code",
        "data": _progress,
        "GET": "200",  # who is signed in answers only for the own firm
        "POST own": "away! 403 403 403 403 403 403 403 403",
        "POST foreign": "away! 403 403 403 403 403 403 403 403",
    },
    "workbench/checks/<public_id:public_id>/": {
        "about": "check",
        "data": _progress,
        "GET own": "login 404 404 404 200 200 404 404 404",
        "GET foreign": "login 404 404 404 404 200 404 404 404",
        "POST own": "login 404 404 404 away! away! 404 404 404",
        "POST foreign": "login 404 404 404 404 away! 404 404 404",
    },
    "confirm/<str:token>/": {  # whoever has the link, but signed in only as the firm itself
        "about": "confirmation token",
        "data": lambda world, kind: {"confirm-firm-answer": "unsaid"},
        "GET": "200",
        "POST own": "away! 403 403 away! 403 403 403 403 403",
        "POST foreign": "away! 403 403 403 403 403 403 403 403",
    },
    "workbench/feedback/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    f"{ROUND}outbox/": {"about": "dockinground", "GET": READS, "POST": POSTS_NOTHING},
    f"{ROUND}calls/": {"about": "dockinground", "GET": READS, "POST": POSTS_NOTHING},
    f"{ROUND}letters/": {
        "about": "dockinground",
        "data": lambda _world, _kind: {"deed": "reset"},
        "GET": READS,
        "POST": "login login login login 403 away login 403 403",
    },
    f"{ROUND}letters/print/": {"about": "dockinground", "GET": READS, "POST": POSTS_NOTHING},
    f"{ROUND}late-answers/": {
        "about": "dockinground",
        "data": _decided,
        "GET": READS,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 404 login 403 403",
    },
    f"{ROUND}talks/": {
        "about": "dockinground",
        "data": lambda _world, _kind: {"deed": "ask"},
        "GET": READS,
        "POST": "login login login login away away login 403 403",
    },
    "admin/rounds/dockinground/calls/<slug:public_id>/": {
        "about": "guest_message",
        "data": lambda _world, _kind: {"deed": "record", "outcome": "reached"},
        "GET own": "login login login login 200 200 login 200 403",
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login 404 away! login 403 403",
    },
    f"{AT}board/": {"GET": READS, "POST": POSTS_NOTHING},
    f"{AT}board/export/": {"GET": TAKES, "POST": POSTS_NOTHING},
    f"{AT}board/targets/": {
        "GET": "login login login login 403 200 login 403 403",
        "POST": "login login login login 403 away login 403 403",
    },
    f"{AT}board/proposals/": {"GET": READS, "POST": "login login login login away away login 403 403"},
    f"{AT}board/remind/": {"GET": POSTS_NOTHING, "POST": "login login login login 403 away login 403 403"},
    f"{AT}board/remind-guests/": {"GET": POSTS_NOTHING, "POST": "login login login login away away login 403 403"},
    f"{AT}board/rows/<slug:name>/": {"about": "guest figure", "GET": READS, "POST": POSTS_NOTHING},
    f"{AT}board/rows/<slug:name>/export/": {"about": "guest figure", "GET": TAKES, "POST": POSTS_NOTHING},
    "admin/deals/deal/after/": {"GET": READS, "POST": POSTS_NOTHING},
    "admin/deals/deal/after/<slug:public_id>/pair/": {  # without saying of which need and achievement
        "about": "talk",
        "GET": POSTS_NOTHING,
        "POST own": "login login login login away away login 403 403",
        "POST foreign": "login login login login 404 away login 403 403",
    },
    f"{AT}<path:object_id>/answer/": {
        "about": "party",
        "data": _declined,
        "GET own": "login login login login 200 200 login 403 403",
        "GET foreign": "login login login login 404 200 login 403 403",
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login 404 away! login 403 403",
    },
}
DESKS = {
    "rounds.party": ("vac*", "vac", "v", ""),
    "rounds.attendee": ("v*", "vc", "v", ""),
}
WORKING = ("district", "city")
ACTIONS = {
    "rounds.party": {
        "invite invite_one": (WORKING, {"answer": "listed", "invited_at": None, "answered_at": None}),
        "remind": (WORKING, {"answer": "invited", "answered_at": None, "invited_at": LONG_AGO}),
        "printed": (WORKING, {"letter": "paper", "answer": "invited", "answered_at": None, "invited_at": LONG_AGO}),
        "relist": (WORKING, {"answer": "withdrawn", "withdrawn_reason": "重名", "answered_at": None}),
        "withdraw": (WORKING, {}),
        "export": (("district", "city", "auditor"), {}),
    },
}
