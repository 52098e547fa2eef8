"""揭榜挂帅 in the world of the walk: drafts, an open call with a sealed bid, an opened one under review.

What a bid says is planted where only its bidders may read it: nobody else before the opening, whoever asks.
"""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import Role
from challenges.models import Challenge, ChallengeIndicator, ChallengeMilestone, ChallengeObjection, ChallengeQuestion
from challenges.services.bidding import accept_part, add_bid_file, invite_member, start_bid, submit_bid
from mechanism.models import ChallengeReview, Expert
from tests import factories as make
from tests.achievements import uploads
from tests.challenges import calls


def plant(world, side, *, mine: bool) -> None:
    tag = "甲" if mine else "乙"
    staff = ("firm", "district") if mine else ()
    title = world.secret(f"没有发布的榜单{tag}", *staff, "city", "auditor")
    side.challenge_draft = _challenge(_demand(side.firm, f"起草中的需求{tag}", tag), title=title)
    side.challenge = _published(world, _demand(side.firm, f"发榜的需求{tag}", tag), 1 if mine else 2, f"公开榜单{tag}")
    side.untouched_challenge = _published(
        world, _demand(side.firm, f"没人揭的需求{tag}", tag), 3 if mine else 4, f"没人揭的榜单{tag}"
    )
    asked = world.secret(f"还没答复的榜单提问{tag}", *staff, "city", "auditor")
    ChallengeQuestion.objects.create(challenge=side.challenge, text=asked, asked_by=make.institution_officer())
    own = ("office", "broker") if mine else ()
    _sealed_bid(world, side, tag, own, world.users["broker"] if mine else None)
    _opened_bid(world, side, tag, 5 if mine else 6, ("office",) if mine else ())


def _demand(firm, title: str, tag: str):
    """Anonymous, so that the call may not name the firm."""
    return make.demand(title=title, firm=firm, is_anonymous=True, public_alias=f"某轴承企业{tag}", wants_challenge=True)


def _challenge(demand, **fields) -> Challenge:
    values = {"title": "榜单", "problem": "工人在吊具底下钻。", "conditions": "高校院所都可以", "prize_wan": 150}
    row = Challenge.objects.create(demand=demand, closes_at=timezone.now() + timedelta(days=20), **values | fields)
    ChallengeIndicator.objects.create(challenge=row, **calls.INDICATORS[0])
    ChallengeMilestone.objects.create(challenge=row, month=6, title="做成", standard="达标", percent=100)
    return row


def _published(world, demand, place: int, title: str, **fields) -> Challenge:
    now = timezone.now()
    row = _challenge(demand, title=title)
    values = {"status": "published", "published_at": now, "list_year": now.year, "list_place": place}
    values |= {"announced_closes_at": row.closes_at, "agreed_by": make.user(), "checked_by": make.user()}
    Challenge.objects.filter(pk=row.pk).update(published_by=world.users["city"], **values | fields)
    row.refresh_from_db()
    return row


def _sealed_bid(world, side, tag: str, own: tuple[str, ...], agent) -> None:
    """Of the institution and the agency of this side, handed in; its files and words are the bidders' alone."""
    officer, agency = side.user, side.agency.organisation
    agent = agent or make.user(Role.BROKER, agency)
    side.bid = start_bid(side.challenge, lead=side.institution, by=officer)
    invite_member(side.bid, organisation=agency, by=officer)
    content = uploads.PDF + world.secret(f"密封的附件{tag}", *own).encode()
    name = world.secret(f"密封的文件名{tag}", *own)
    side.bid_file = add_bid_file(side.bid, content=content, name=f"{name}.pdf", by=officer)
    parts = {unit.public_id: {"work": "承担一半", "share_wan": ""} for unit in (side.institution, agency)}
    calls.written(side.bid, officer, route=world.secret(f"密封的路线{tag}", *own), parts=parts)
    accept_part(side.bid, organisation=side.institution, by=officer)
    accept_part(side.bid, organisation=agency, by=agent)
    submit_bid(side.bid, by=officer)
    calls.written(side.bid, officer, basis=world.secret(f"递交以后又改的草稿{tag}", *own), parts=parts)


def _opened_bid(world, side, tag: str, place: int, own: tuple[str, ...]) -> None:
    """Of another firm, which is named from the opening on; an expert is asked, and somebody has objected."""
    firm = make.firm(f"大连明榜{tag}有限公司")
    side.opened_challenge = _published(world, make.demand(title=f"开标的需求{tag}", firm=firm), place, f"开标榜单{tag}")
    side.opened_bid = start_bid(side.opened_challenge, lead=side.institution, by=side.user)
    route = world.secret(f"开标后的路线{tag}", *own, "city", "auditor")
    submit_bid(calls.written(side.opened_bid, side.user, route=route), by=side.user)
    passed = timezone.now() - timedelta(hours=1)
    Challenge.objects.filter(pk=side.opened_challenge.pk).update(
        status="review", closes_at=passed, announced_closes_at=passed, opened_at=timezone.now(), opened_count=1,
        opening_asked_by=world.users["city"], opened_with=make.city_officer(),
    )  # fmt: skip
    expert = Expert.objects.create(name=f"揭榜专家{tag}", unit="沈阳某研究院")
    side.challengereview = ChallengeReview.objects.create(
        challenge=side.opened_challenge, expert=expert, due_on=timezone.localdate()
    )
    side.challenge_expert = SimpleNamespace(public_id=side.challengereview.code)
    text = world.secret(f"对榜单结果的异议{tag}", "city", "auditor")
    ChallengeObjection.objects.create(challenge=side.opened_challenge, text=text, made_by=make.user())


NO_GET = "login 405 405 405 405 405 405 405 405"
NO_POST = "login 405 405 405 405 405 405 405 405"
NOBODY = "login 404 404 404 404 404 404 404 404"
ADMIN_NO = "login login login login 405 405 login 405 405"
CLOSE = {"step": "close", "close-reason": "企业的项目取消"}
QUESTION = {"text": "风多大还要干？"}
OBJECTION = {"text": "样机的录像是剪过的，请核实。"}
PAGES = {
    "challenges/": {"GET": "200", "POST": "405"},
    "challenges/feed/": {"GET": "200", "POST": "200"},
    "challenges/<public_id:public_id>/": {"about": "public challenge", "GET": "200", "POST": "405"},
    "challenges/<public_id:public_id>/ask/": {
        "about": "public challenge",
        "data": lambda world, kind: QUESTION,
        "GET": NO_GET,
        "POST own": "login away! away! 403 away! away! away! away! away!",
        "POST foreign": "login away! away! away! away! away! away! away! away!",
    },
    "challenges/<public_id:public_id>/object/": {
        "about": "public challenge",
        "data": lambda world, kind: OBJECTION,
        "GET": NO_GET,
        "POST": "login 422 422 422 422 422 422 422 422",  # not in its publicity
    },
    "challenges/review/<public_id:code>/": {
        "about": "public challenge_expert",
        "data": lambda world, kind: {"step": "recuse", "reason": "与揭榜单位有合作"},
        "GET": "200",  # whoever has the code; the bids only after a declaration
        "POST": "away!",
    },
    "challenges/review/<public_id:code>/file/": {
        "about": "public challenge_expert",
        "GET": "404",  # without the id of a file
        "POST": "405",
    },
    "workbench/challenges/": {"GET": "login 403 403 200 200 200 403 200 403", "POST": NO_POST},
    "workbench/demands/<public_id:public_id>/challenge/": {
        "about": "public matched demand",
        "GET": NO_GET,
        "POST own": "login 404 404 away! away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/challenges/<public_id:public_id>/": {
        "about": "public challenge",
        "GET own": "login 404 404 200 away away 404 away 404",  # staff have a page of their own
        "GET foreign": "login 404 404 404 404 away 404 away 404",
        "POST": NO_POST,
    },
    "workbench/challenges/<public_id:public_id>/edit/": {
        "about": "public challenge_draft",
        "GET own": "login 404 404 200 200 200 404 403 404",
        "GET foreign": "login 404 404 404 404 200 404 403 404",
        "POST own": "login 404 404 422 422 422 404 403 404",
        "POST foreign": "login 404 404 404 404 422 404 403 404",
    },
    "workbench/challenges/<public_id:public_id>/step/": {
        "about": "public challenge_draft",
        "data": lambda world, kind: CLOSE,
        "GET": NO_GET,
        "POST own": "login 404 404 away! away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/challenges/<public_id:public_id>/bid/": {
        "about": "public untouched_challenge",
        "data": lambda world, kind: {"lead": world.own.institution.public_id},
        "GET": NO_GET,
        "POST": "login 404 away! 404 404 404 404 404 404",
    },
    "workbench/challenges/<public_id:public_id>/bids/": {
        "about": "public opened_challenge",
        "GET": "login 404 404 404 404 200 404 200 404",
        "POST": NO_POST,
    },
    "workbench/bids/": {"GET": "login 403 200 403 403 403 200 403 403", "POST": NO_POST},
    "workbench/bids/<public_id:public_id>/": {
        "about": "public bid",
        "data": lambda world, kind: {"revision": getattr(world, kind or "own").bid.revision},
        "GET own": "login 404 200 404 404 404 200 404 404",
        "GET foreign": NOBODY,
        "POST own": "login 404 away! 404 404 404 away! 404 404",
        "POST foreign": NOBODY,
    },
    "workbench/bids/<public_id:public_id>/step/": {
        "about": "public bid",
        "data": lambda world, kind: {"step": "withdraw"},
        "GET": NO_GET,
        "POST own": "login 404 away! 404 404 404 403 404 404",
        "POST foreign": NOBODY,
    },
    "workbench/bids/<public_id:public_id>/read/": {
        "about": "public opened_bid",
        "GET": "login 404 404 404 404 200 404 200 404",  # a sealed one: tests/challenges/test_sealed_bids.py
        "POST": NO_POST,
    },
    "workbench/bids/files/<public_id:public_id>/": {
        "about": "public bid_file",
        "GET own": "login 404 200 404 404 404 200 404 404",
        "GET foreign": NOBODY,
        "POST": NO_POST,
    },
    "admin/challenges/challenge/page/<slug:public_id>/": {
        "about": "public challenge_draft",
        "GET own": "login login login login 200 200 login 200 403",
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST": ADMIN_NO,
    },
    "admin/challenges/challenge/page/<slug:public_id>/step/": {
        "about": "public challenge_draft",
        "data": lambda world, kind: CLOSE,
        "GET": ADMIN_NO,
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login 404 away! login 403 403",
    },
    "admin/challenges/challenge/<path:object_id>/open_page/": {
        "about": "challenge",
        "GET own": "login login login login away away login away 403",
        "GET foreign": "login login login login 404 away login away 403",
    },
    "admin/mechanism/challengereview/page/<slug:public_id>/": {
        "about": "public opened_challenge",
        "GET": "login login login login 403 200 login 200 403",
        "POST": ADMIN_NO,
    },
    "admin/mechanism/challengereview/page/<slug:public_id>/step/": {
        "about": "public opened_challenge",
        "data": lambda world, kind: {
            "step": "release",
            "release-review": getattr(world, kind or "own").challengereview.pk,
            "release-reason": "换一位专家",
        },
        "GET": ADMIN_NO,
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    "admin/mechanism/challengereview/<path:object_id>/open_page/": {
        "about": "challengereview",
        "GET": "login login login login 403 away login away 403",
    },
}
DESKS = {
    "challenges.challenge": ("v*", "v", "v", ""),
    "mechanism.challengereview": ("", "v", "v", ""),
}
