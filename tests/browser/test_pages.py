"""Every public page on a desk and on a phone: no barrier that axe finds, nothing wider than the screen, nothing from
elsewhere, no complaint in the console.
"""

import logging

import pytest
from django.db import OperationalError
from django.urls import reverse

from accounts.models import Organisation
from mechanism.models import Venture
from portal import search_options
from portal.views.public import agencies
from rounds.models import Hall, SignageScreen
from tests import factories as make
from tests.authentication.sign_ins import PASSWORD, give_totp
from tests.browser import fixtures
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE, WIDE
from tests.rounds.day.fixtures import running
from tests.walk.world import World

OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def faults(visitor, *, is_ours: bool = True) -> list[str]:
    """What is wrong with the page as it stands. Nothing may be wider than the screen on a phone nor on a desk; barriers
    are looked for at the width that the visitor came with. A library's pages are not asked for barriers.
    """
    visitor.page.wait_for_load_state()  # a page just arrived at through a link may have no element yet
    complaints = visitor.watch.take_complaints()
    for size in (PHONE, WIDE):
        visitor.page.set_viewport_size(size)
        if (overflow := visitor.page.evaluate(OVERFLOW)) > 0:
            complaints.append(f"{size['width']} px: {overflow} px wider than the screen")
        if is_ours and size == visitor.size:
            complaints += [f"{size['width']} px: {barrier}" for barrier in barriers(visitor.page)]
    return complaints


def walk(visitor, paths, *, status: int = 200, is_ours: bool = True) -> dict[str, list[str]]:
    """{path: what is wrong there}, for the paths where something is."""
    wrong = {}
    for path in paths:
        visitor.go(path, status=status)
        if complaints := faults(visitor, is_ours=is_ours):
            wrong[path] = complaints
    return wrong


@pytest.mark.long
def test_lists(visit):
    fixtures.showcase()
    asked = [
        "?q=轴承",
        "?q=轴承&industry=materials&bucket=pilot",
        "?page=2",
        "?q=没有这个词",
        "?q=轴",
        "?pay_later=1&bucket=lab",
    ]
    paths = [
        reverse("home"),
        *(reverse("achievement_list") + query for query in ["", *asked]),
        *(reverse("demand_list") + query for query in ["", "?q=轴承&kind=problem", "?q=没有这个词"]),
        *(reverse("agency_list") + query for query in ["", "?kind=pilot"]),
        reverse("broker_list"),
        reverse("round_list"),
        reverse("industry_list"),
        reverse("industry_detail", args=["materials"]),
        reverse("institution_list"),
    ]
    assert walk(visit(), paths) == {}
    phone = [reverse(name) for name in ("home", "achievement_list", "demand_list", "industry_list")]
    assert walk(visit(PHONE), [*phone, reverse("industry_detail", args=["materials"])]) == {}


def test_lists_of_nothing(visit):
    names = ["home", "achievement_list", "demand_list", "agency_list", "broker_list", "round_list"]
    assert walk(visit(), [reverse(name) for name in names]) == {}


def test_details_and_words(visit):
    shown = fixtures.showcase()
    bare = make.achievement()
    paths = [
        reverse("achievement_detail", args=[shown.achievement.public_id]),
        reverse("achievement_detail", args=[bare.public_id]),
        reverse("institution_detail", args=[bare.institution.public_id]),
        reverse("demand_detail", args=[shown.demand.public_id]),
        reverse("demand_detail", args=[make.demand().public_id]),
        reverse("agency_detail", args=[shown.agency.public_id]),
        reverse("round_detail", args=[shown.round.public_id]),
        reverse("round_detail", args=[make.docking_round().public_id]),
        reverse("help"),
        reverse("privacy"),
        reverse("accessibility"),
        reverse("sign_up_state", args=[shown.sign_up.public_id]),
    ]
    assert walk(visit(), paths) == {}


def test_signing_up_and_in(visit):
    visitor = visit()
    page = visitor.page
    assert walk(visitor, [reverse("sign_up"), reverse("login"), reverse("login") + "?idle"]) == {}

    visitor.go(reverse("sign_up"))
    page.get_by_label("统一社会信用代码").fill("912102")
    page.get_by_role("button", name="提交注册申请").click()
    page.get_by_role("alert").wait_for()
    visitor.watch.expect_refusal(422, reverse("sign_up"))
    assert faults(visitor) == []

    stranger = make.firm_officer()
    for attempt in range(5):
        visitor.go(reverse("login"))
        page.get_by_label("用户名").fill(stranger.username)
        page.get_by_label("密码").fill("wrong")
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()
        if attempt == 0:
            page.get_by_role("alert").wait_for()
            assert faults(visitor) == []
    assert page.get_by_role("heading", level=1).inner_text() == "登录已暂时锁定"
    visitor.watch.expect_refusal(429, reverse("login"))
    assert faults(visitor) == []


def test_pages_for_what_went_wrong(visit, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL, "django.request")
    visitor = visit()
    assert walk(visitor, ["/nowhere/", "/achievements/2222222222/"], status=404) == {}

    def lost():
        raise OperationalError("connection refused")

    def broken(*_):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(search_options, "agency_facets", lost)
    assert walk(visitor, [reverse("agency_list")], status=503) == {}
    monkeypatch.setattr(agencies, "Agency", None)
    assert walk(visitor, [reverse("agency_list")], status=500) == {}

    visitor.sign_in(make.firm_officer())
    assert walk(visitor, ["/admin/login/"], status=403) == {}

    visitor.go(reverse("sign_up"))
    visitor.context.clear_cookies()
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="提交注册申请").click()
    visitor.watch.expect_refusal(403, reverse("sign_up"))
    assert faults(visitor) == []


def test_desk_of_the_staff(visit):
    match = make.match(demand=make.demand(firm=make.firm("大连示例轴承有限公司")))
    visitor = visit()
    visitor.sign_in(make.district_officer())
    paths = [
        reverse("admin:index"),
        reverse("admin:matching_match_changelist"),
        reverse("admin:matching_match_change", args=[match.pk]),
        reverse("admin:matching_quality"),
        reverse("admin:matching_effects"),
        reverse("admin:matching_demandresult_changelist"),
        reverse("admin:demands_demand_changelist"),
        reverse("admin:demands_demand_change", args=[match.demand.pk]),
    ]
    ours = [reverse("password_change"), reverse("account_security"), reverse("account_reauthenticate")]
    assert walk(visitor, paths, is_ours=False) == {}
    assert walk(visitor, ours) == {}
    give_totp(make.user(username="somebody"))
    other = visit()
    assert walk(other, [reverse("login"), reverse("password_reset"), reverse("password_reset_done")]) == {}
    other.page.goto(other.home + reverse("login"))
    other.page.fill("[name=username]", "somebody")
    other.page.fill("[name=password]", PASSWORD)
    other.page.press("[name=password]", "Enter")
    other.page.wait_for_url("**" + reverse("mfa_authenticate"))
    assert faults(other) == []
    city = visit()
    city.sign_in(make.city_officer())
    many_tabs = reverse("admin:achievements_achievement_change", args=[match.achievement.pk])
    assert walk(city, [many_tabs], is_ours=False) == {}


def test_the_longest_words_stay_within_the_page(visit):
    """What fills its field, also without a place to break it, and lists to choose from that hold it."""
    title = "面向深远海大型浮式风电装备的高强韧耐腐蚀复合涂层一体化制备技术与监测系统" * 3
    unbroken = "Ni60AWCCo25NiCr" * 7
    match = make.match(
        demand=make.demand(title=title, firm=make.firm(unbroken[:90])),
        achievement=make.achievement(title=title, institution=make.institution(f"{unbroken[:90]}大学")),
    )
    event = running(name=title[:100])
    for party, name in zip(event.firms, (unbroken[:90] + "厂", title), strict=True):
        Organisation.objects.filter(pk=party.organisation_id).update(name=name[:100])
    Hall.objects.filter(pk=event.hall.pk).update(name=unbroken[:40])
    venture = Venture.objects.create(name=title[:100], achievement=match.achievement, region=make.region())
    screen = SignageScreen.objects.create(docking_round=event.round, hall=event.hall)
    city = visit()
    city.sign_in(make.city_officer())
    ours = [
        reverse("signage", args=[screen.public_id]),
        reverse("admin:rounds_day_day", args=[event.round.public_id]),
        reverse("admin:rounds_board"),
        reverse("admin:rounds_timetable_requests", args=[event.round.pk]),
        reverse("board"),
    ]
    assert walk(city, ours) == {}
    of_the_library = [
        reverse("admin:matching_match_change", args=[match.pk]),
        reverse("admin:mechanism_venture_change", args=[venture.pk]),
        reverse("admin:mechanism_raterule_add"),
        reverse("admin:achievements_achievement_change", args=[match.achievement.pk]),
    ]
    assert walk(city, of_the_library, is_ours=False) == {}


@pytest.mark.long
def test_rooms_of_rounds_deals_and_the_city(visit):
    """What a city officer works with, what a firm has of it, what the codes in letters open: one of each."""
    world = World()
    own = world.own
    by_code = {"rsvp": own.asked_team.code, "check": own.check.code, "evaluate": own.expert_page.public_id}
    public = {"policy_detail": own.policy, "base_detail": own.base, "honour_detail": own.honour, "signage": own.screen}
    paths = [reverse(name) for name in ("policy_list", "base_list", "honour_list", "rsvp_code")]
    paths += [reverse(name, args=[code]) for name, code in by_code.items()]
    paths += [reverse(name, args=[row.public_id]) for name, row in public.items()]
    paths += [reverse("round_agenda", args=[own.round.public_id]), reverse("confirmation_link", args=["own-link"])]
    assert walk(visit(), paths) == {}

    firm = visit()
    firm.sign_in(world.users["firm"])
    paths = [reverse(name) for name in ("my_plans", "my_days", "my_invitations", "talk_feedback", "confirmations")]
    paths += [reverse("deal", args=[own.deal.public_id]), reverse("contract", args=[own.contract.public_id])]
    paths += [reverse("policy_prepare", args=[own.policy.public_id])]
    paths += [reverse("confirmation", args=[own.confirmation.public_id])]
    assert walk(firm, paths) == {}

    staff = visit()
    staff.sign_in(world.users["city"])
    paths = [
        reverse(name)
        for name in (
            "deals",
            "contracts",
            "payments_due",
            "open_work",
            "deal_new",
            "contract_worklist",
            "base_requests",
        )
    ]
    paths += [reverse(f"admin:{name}") for name in ("mechanism_board", "rounds_calendar", "rounds_targets")]
    paths += [reverse(f"admin:rounds_{name}", args=[own.round.pk]) for name in ("papers", "venue")]
    paths += [reverse(f"admin:rounds_day_{name}", args=[own.day_round.public_id]) for name in ("day", "tables")]
    desks = {"measure_page": own.measure, "minutes_decisions": own.minutes, "evaluation_page": own.evaluation}
    paths += [reverse(f"admin:mechanism_{name}", args=[row.public_id]) for name, row in desks.items()]
    paths += [reverse("admin:mechanism_honour_list", args=[own.honour.public_id])]
    paths += [reverse("deal", args=[own.deal.public_id]), reverse("check_by_phone", args=[own.check.public_id])]
    paths += [reverse("open_work_list", args=["contracts-to-register"])]
    paths += [reverse("payment_letter", args=[own.letter.public_id])]
    paths += [reverse("payment_letter_new", args=[own.instalment.public_id])]
    assert walk(staff, paths) == {}


def test_the_page_to_try_the_interface_asks_nobody_else(visit):
    visitor = visit()
    page = visitor.go(reverse("api_docs"))
    page.locator(".opblock").first.wait_for()
    assert faults(visitor, is_ours=False) == []


def test_the_watch_itself_sees_what_a_page_does(visit):
    """Otherwise every test here would pass on any page."""
    visitor = visit()
    bad = """<!doctype html><title>x</title><img src="http://192.0.2.1/x.png" alt=""><p style="width:200vw">x</p>
    <script>document.title = "inline"</script><script src="/nowhere.js"></script>"""
    policy = {"Content-Security-Policy": "default-src 'self'; img-src *; style-src 'unsafe-inline'"}
    visitor.page.route("http://192.0.2.1/**", lambda route: route.fulfill(status=204))
    visitor.page.route("**/bad/", lambda route: route.fulfill(body=bad, headers=policy, content_type="text/html"))
    visitor.go("/bad/")
    report = "\n".join(faults(visitor))
    for complaint in (
        "wider than the screen",
        "html-has-lang",
        "asks a foreign host: http://192.0.2.1/x.png",
        "Content Security Policy",
        "404 /nowhere.js",
    ):
        assert complaint in report


def test_a_barrier_in_what_is_not_alike_is_seen_after_many_that_are(visit):
    """`barriers.js` leaves out looks that it examined; then the fourth row has another colour, no text, no label,
    or a target that is too small. What is wrong is wrong each time that it is examined.
    """
    page = visit().page
    row = '<li><a class="a" href="/{0}/">行动</a><label for="f{0}">名称</label><input id="f{0}"></li>'
    rows = "".join(row.format(number) for number in range(4))
    tiny = '<button class="tiny" aria-label="行动"></button>'
    frame = """<!doctype html><html lang="zh"><title>x</title><style>.pale { color: #ddd } .tiny { width: 8px }</style>
    <main><h1>标题</h1><ul>%s</ul></main>"""
    for changed, barrier in {
        ("行动", "看看"): None,
        ('class="a" href="/3/"', 'class="pale" href="/3/"'): "color-contrast",
        ('href="/3/">行动', 'href="/3/">'): "link-name",
        ('for="f3"', 'for="f"'): "label",
        ('<input id="f3">', '<input id="f3">' + f"<div>{tiny}{tiny}</div>"): "target-size",
    }.items():
        page.set_content(frame % rows.replace(*changed))
        for _ in range(2):
            assert [words.partition(":")[0] for words in barriers(page)] == ([barrier] if barrier else [])
