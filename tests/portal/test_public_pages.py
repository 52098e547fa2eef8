"""Public pages: content, constant query counts, and public data only."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Region
from achievements.models import Achievement, Attachment, Completer, Indicator, IntellectualProperty
from benchmarks.page_weights import LIMITS, weigh
from brokers.models import Agency, Broker
from demands.models import Demand, DemandIndicator
from taxonomy.models import Industry
from tests import factories
from tests.browser_client import one_line

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LISTS = [
    *("home", "achievement_list", "demand_list", "agency_list", "broker_list", "round_list", "sitemap"),
    *("industry_list", "institution_list"),
]
MOST_QUERIES = {"home": 15}
"""Of lists with more than ten queries: the home page shows seven kinds of rows, and what its cards are drawn from."""
WORDS = ["help", "accessibility", "privacy", "robots"]


def html(response) -> str:
    assert response.status_code == 200, response.status_code
    return one_line(response.content.decode())


def agency(**fields) -> Agency:
    organisation = factories.organisation("agency", stat_region=factories.region())
    verified = {"verified_at": timezone.now(), "verified_by": factories.city_officer()}
    created = Agency.objects.create(
        organisation=organisation, kind="transfer", services=["platform"], **verified | fields
    )
    created.industries.set(Industry.objects.all()[:2])
    created.regions.set(Region.objects.reporting()[:2])
    return created


def broker(of: Agency | None = None, *, number: str, **fields) -> Broker:
    created = Broker.objects.create(name="示例甲", agency=of, level="senior", certificate_number=number, **fields)
    created.industries.set(Industry.objects.all()[:1])
    return created


def fill(count: int) -> None:
    """Create `count` more rows of every kind that a list shows, with related rows."""
    start = Achievement.objects.count()
    industries = list(Industry.objects.order_by("pk"))
    for number in range(start, start + count):
        achievement = factories.achievement(
            industry=industries[number % len(industries)],
            institution=factories.institution(f"示例大学{number}"),
            maturity_level=5,
            keywords=["正极", "包覆"],
        )
        IntellectualProperty.objects.create(achievement=achievement, kind="invention", number="ZL1")
        factories.demand(
            industry=industries[-1 - number % len(industries)], is_anonymous=number % 2, public_alias="某企业"
        )
        broker(agency(), number=f"C{number}")
        docking_round = factories.docking_round(host=factories.organisation("city", "大连市科学技术局"))
        docking_round.featured.add(achievement)
        old = timezone.now() - timedelta(days=30)
        factories.docking_round(starts_at=old, ends_at=old + timedelta(hours=3))


def test_pages_render_with_and_without_rows(client):
    for more in (0, 1):
        fill(more)
        statuses = {name: client.get(reverse(name)).status_code for name in LISTS + WORDS}
        assert set(statuses.values()) == {200}, statuses


def test_list_page_query_counts_are_constant(client):
    fill(1)
    costs = {name: [] for name in LISTS}
    for more in (0, 2, 27):  # the last fills the second page of each list
        fill(more)
        for name, numbers in costs.items():
            with CaptureQueriesContext(connection) as queries:
                html(client.get(reverse(name)))
            numbers.append(len(queries))
    wrong = {
        name: numbers
        for name, numbers in costs.items()
        if len(set(numbers)) > 1 or max(numbers) > MOST_QUERIES.get(name, 10)
    }
    assert wrong == {}


def test_detail_page_query_count_is_constant(client):
    achievement, demand, agency_row = factories.achievement(), factories.demand(), agency()
    docking_round = factories.docking_round()
    pages = [
        reverse("achievement_detail", args=[achievement.public_id]),
        reverse("demand_detail", args=[demand.public_id]),
        reverse("agency_detail", args=[agency_row.public_id]),
        reverse("round_detail", args=[docking_round.public_id]),
        reverse("institution_detail", args=[achievement.institution.public_id]),
        reverse("industry_detail", args=["materials"]),
    ]

    def add(number):
        Indicator.objects.create(achievement=achievement, name=f"指标{number}", value="1")
        Completer.objects.create(achievement=achievement, name="李示例")
        IntellectualProperty.objects.create(achievement=achievement, kind="software")
        DemandIndicator.objects.create(demand=demand, name=f"指标{number}", value="1")
        broker(agency_row, number=f"D{number}")
        featured = factories.achievement()
        IntellectualProperty.objects.create(achievement=featured, kind="software")
        docking_round.featured.add(featured)

    costs = {page: set() for page in pages}
    add(0)
    for numbers in ((), range(1, 3), range(3, 10)):
        for number in numbers:
            add(number)
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                html(client.get(page))
            costs[page].add(len(queries))
    # Of an achievement: pictures and videos, the cover of its share card, demands of the industry, bases.
    assert all(len(seen) == 1 and max(seen) <= 16 for seen in costs.values()), costs


def test_home_page_counts(client):
    fill(3)
    factories.achievement(registered=False)
    factories.achievement(expires_on=timezone.localdate() - timedelta(days=1))
    factories.demand(published=False)
    agency(verified_at=None, verified_by=None)
    figures = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(\d+)", html(client.get("/")))
    assert figures == [("公开成果", "3"), ("高校院所", "3"), ("公开需求", "3"), ("服务机构", "3")]


HIDDEN = [
    {"registered": False},
    {"expires_on": timezone.localdate() - timedelta(days=1)},
    {},  # is not published any more
    {"status": Achievement.Status.PAUSED, "status_reason": "洽谈中"},
    {"status": Achievement.Status.WITHDRAWN, "status_reason": "重复"},
]


def test_unpublished_achievements_are_on_no_page(client):
    achievements = [factories.achievement(title=f"看不见的成果{n}", **fields) for n, fields in enumerate(HIDDEN)]
    Achievement.objects.filter(pk=achievements[HIDDEN.index({})].pk).update(published_at=None)
    docking_round = factories.docking_round()
    docking_round.featured.add(*achievements)
    for page in (
        "/",
        "/achievements/",
        "/achievements/?q=看不见",
        "/sitemap.xml",
        f"/rounds/{docking_round.public_id}/",
    ):
        body = html(client.get(page))
        assert [row.status for row in achievements if row.public_id in body] == [], page
        assert "看不见的成果" not in body.replace("看不见</b>", "")
    pages = {row.pk: client.get(f"/achievements/{row.public_id}/").status_code for row in achievements}
    assert set(pages.values()) == {404}, pages


def test_own_institution_sees_a_draft_with_a_notice(client):
    draft = factories.achievement(registered=False)
    client.force_login(factories.institution_officer(draft.institution))
    assert "这项成果还没有公开" in html(client.get(f"/achievements/{draft.public_id}/"))
    client.force_login(factories.institution_officer(factories.institution("别的大学")))
    assert client.get(f"/achievements/{draft.public_id}/").status_code == 404


def test_achievement_page_shows_all_fields(client):
    achievement = factories.achievement(
        innovation="包覆层厚度 3–5 nm",
        scenario="正极产线",
        economics="单吨成本低",
        maturity_level=6,
        maturity_bucket="pilot",
        price_min_wan=50,
        price_max_wan=100,
        pay_later=True,
        wanted_partner="电池企业",
        funds_needed_wan="300.50",
        partner_names="示例研究所",
    )
    Indicator.objects.create(
        achievement=achievement, name="容量保持率", value="91", unit="%", basis="第三方检测", today="80%"
    )
    Indicator.objects.create(achievement=achievement, name="残碱", comparison="le", value="1800", unit="ppm")
    IntellectualProperty.objects.create(achievement=achievement, kind="software", number="2023SR1")
    IntellectualProperty.objects.create(achievement=achievement, kind="invention", number="ZL2023", state="授权")
    Completer.objects.create(achievement=achievement, name="李示例", unit="化工学院")
    body = html(client.get(f"/achievements/{achievement.public_id}/"))
    for shown in (
        *("≥ 91%", "第三方检测", "≤ 1800 ppm", "未注明", "自评", "按“技术就绪度（9 级）”为第 6 级", "ZL2023", "授权"),
        *(
            "发明专利 1 项、软件著作权 1 项",
            "50–100 万元",
            "可先使用后付费",
            "300.5 万元",
            "李示例（化工学院）",
            "示例研究所",
        ),
        *("包覆层厚度 3–5 nm", "正极产线", "单吨成本低", "电池企业"),
    ):
        assert shown in body, shown
    assert reverse("login") in body and reverse("sign_up") in body


def test_maturity_level_with_evidence_is_not_labelled_self_assessed(client):
    achievement = factories.achievement(
        maturity_scale="gbt22900_13",
        maturity_level=10,
        maturity_bucket="industrial",
        maturity_evidence="首笔销售合同",
        maturity_assessed_by="示例评估所",
    )
    body = html(client.get(f"/achievements/{achievement.public_id}/"))
    assert "自评" not in body
    assert "由示例评估所评定" in body
    assert "技术成熟度第 10 级，共 13 级" in body


def test_only_public_attachments_are_listed(client):
    achievement = factories.achievement()
    for name, fields in {
        "检测报告.pdf": {"is_public": True},
        "内部.pdf": {},
        "旧.pdf": {"is_public": True, "removed_at": timezone.now()},
    }.items():
        common = {"file": name, "content_type": "application/pdf", "size": 2048, "sha256": "0" * 64}
        Attachment.objects.create(achievement=achievement, name=name, uploaded_by=factories.user(), **common, **fields)
    body = html(client.get(f"/achievements/{achievement.public_id}/"))
    assert "检测报告.pdf" in body
    assert "内部.pdf" not in body and "旧.pdf" not in body


def test_agency_contact_is_masked(client):
    agency_row = agency()
    agency_row.contact = Contact.objects.create(
        organisation=agency_row.organisation, name="王示例", phone="13800001234", email="wang@example.com"
    )
    agency_row.save()
    body = html(client.get(f"/agencies/{agency_row.public_id}/"))
    assert "138****1234" in body and "王**" in body and "w***@example.com" in body
    assert "13800001234" not in body and "王示例" not in body and "wang@example" not in body


def test_expired_and_inactive_brokers_are_not_listed(client):
    agency_row = agency()
    broker(agency_row, number="ok")
    broker(agency_row, number="old", expires_on=timezone.localdate() - timedelta(days=1), title="过期的")
    broker(None, number="alone", title="独立的")
    assert "过期的" not in html(client.get(f"/agencies/{agency_row.public_id}/"))
    listed = html(client.get("/agencies/brokers/"))
    assert "共 2 名" in listed and "独立执业" in listed


def test_round_in_preparation_is_not_public(client):
    plan = factories.docking_round(name="筹备中的活动", status="preparing")
    assert "筹备中的活动" not in html(client.get("/rounds/"))
    assert "筹备中的活动" not in html(client.get("/"))
    assert client.get(f"/rounds/{plan.public_id}/").status_code == 404


# --- Lists with htmx -----------------------------------------------------------------------------------------------
def test_htmx_gets_a_fragment_and_history_navigation_the_whole_page(client):
    fill(2)
    page = client.get("/achievements/?bucket=lab&sort=price&junk=1")
    part = client.get("/achievements/?bucket=lab&sort=price&junk=1", headers={"HX-Request": "true"})
    back = client.get("/achievements/?bucket=lab", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in html(page) and "<html" in html(back)
    assert "<html" not in html(part) and 'hx-swap-oob="true"' in html(part)
    assert "hx-swap-oob" not in html(page)
    assert part["HX-Push-Url"] == "/achievements/?bucket=lab&sort=price"
    assert all("HX-Request" in response["Vary"] for response in (page, part, back))


@pytest.mark.parametrize("path", ["/achievements/", "/demands/", "/agencies/"])
def test_out_of_band_elements_exist_in_the_page(client, path):
    fill(1)
    page = html(client.get(path))
    part = html(client.get(path, headers={"HX-Request": "true"}))
    replaced = re.findall(r'id="([\w-]+)"[^>]*hx-swap-oob', part)
    assert len(replaced) >= 4
    for name in replaced:
        assert page.count(f'id="{name}"') == 1, name


ODD_QUERIES = (
    *("正", "a" * 5000, "%00", "%F0%9F%98%80%F0%9F%98%80", "'; DROP TABLE"),
    *("100%25_", "\\", "%C0%AF", "<script>", "電解質"),
)


@pytest.mark.parametrize("path", ["/achievements/", "/demands/", "/agencies/"])
def test_any_query_gets_a_response(client, path):
    fill(1)
    for q in ODD_QUERIES:
        body = html(client.get(f"{path}?q={q}&page=x&sort=%00&industry=%00"))
        assert "<script>" not in body, q
        assert "�" not in body or "%C0" in q, q


def test_one_character_query_gets_a_message(client):
    assert "请输入两个字或更多" in html(client.get("/achievements/?q=铁"))


def test_empty_results_show_broader_links(client):
    factories.achievement(maturity_bucket="lab", transfer_ways=["licence"])
    body = html(client.get("/achievements/?bucket=pilot&way=licence"))
    assert "没有同时符合这些条件的成果" in body
    assert "去掉“中试”后有 1 项" in body
    assert "没有找到含“不存在的词”的成果" in html(client.get("/achievements/?q=不存在的词"))


def test_markup_in_texts_is_escaped(client):
    evil = '<img src=x onerror="alert(1)">'
    achievement = factories.achievement(
        title=evil + "长" * 150, summary=evil, innovation=evil, keywords=[evil[:30]], lead_person="<b>", scenario=evil
    )
    demand = factories.demand(title=evil, problem=evil, goal=evil, keywords=[evil[:30]], period_text=evil)
    for page in (
        "/",
        "/achievements/",
        "/achievements/?q=onerror",
        f"/achievements/{achievement.public_id}/",
        "/demands/",
        f"/demands/{demand.public_id}/",
    ):
        assert "<img src=x" not in html(client.get(page))


# --- Anonymous firms -----------------------------------------------------------------------------------------------
SECRET = "精诚泰科"


@pytest.fixture
def anonymous_demand():
    """A demand with the firm's name in every text, created without the service, which would refuse it."""
    firm = factories.firm(f"大连{SECRET}轴承有限公司")
    demand = factories.demand(
        firm=firm,
        title=f"{SECRET}轴承滚道烧伤检测",
        problem=f"大连{SECRET}轴承有限公司的磨削线经常烧伤。",
        goal=f"{SECRET}要求降到千分之一。",
        conditions=f"{SECRET}已有产线。",
        keywords=["磨削烧伤", SECRET],
        period_text=f"{SECRET}一年内",
        intended_partner=f"{SECRET}的老伙伴",
        is_anonymous=True,
        public_alias="金普新区某轴承企业",
        industry=Industry.objects.get(slug="equipment"),
    )
    DemandIndicator.objects.create(demand=demand, name=f"{SECRET}烧伤率", value="1", condition=f"{SECRET}产线")
    return demand


def public_pages(demand: Demand) -> list[str]:
    return [
        "/",
        "/demands/",
        "/demands/?q=磨削烧伤",
        f"/demands/{demand.public_id}/",
        "/sitemap.xml",
        "/demands/?industry=equipment",
    ]


def test_anonymous_firm_name_is_on_no_public_page(client, anonymous_demand):
    for page in public_pages(anonymous_demand):
        response = client.get(page)
        assert SECRET not in html(response), page
        assert not any(SECRET in value for value in response.headers.values())
    assert "金普新区某轴承企业" in html(client.get("/demands/"))
    part = client.get("/demands/?q=磨削烧伤", headers={"HX-Request": "true"})
    assert SECRET not in html(part)


def test_anonymous_firm_name_is_hidden_from_other_users(client, anonymous_demand):
    for stranger in (
        factories.firm_officer(),
        factories.district_officer("gaoxin"),
        factories.institution_officer(),
    ):
        client.force_login(stranger)
        for page in public_pages(anonymous_demand):
            assert SECRET not in html(client.get(page)), page


def test_anonymous_firm_name_is_shown_to_firm_district_and_city(client, anonymous_demand):
    for insider in (
        factories.firm_officer(anonymous_demand.firm),
        factories.district_officer("jinpu"),
        factories.city_officer(),
    ):
        client.force_login(insider)
        assert anonymous_demand.firm.name in html(client.get(f"/demands/{anonymous_demand.public_id}/"))
        assert anonymous_demand.firm.name not in html(client.get("/demands/"))


def test_named_firm_is_shown(client):
    demand = factories.demand()
    assert demand.firm.name in html(client.get("/demands/"))
    assert demand.firm.name in html(client.get(f"/demands/{demand.public_id}/"))


# --- Site settings and assets --------------------------------------------------------------------------------------
def test_empty_site_settings_are_not_shown(client, settings):
    settings.SITE = {key: "" for key in settings.SITE} | {"name": "平台", "short_name": "平台", "is_demo": False}
    body = html(client.get("/"))
    for absent in ("主办", "承办", "ICP", "beian", "标识码", "演示数据"):
        assert absent not in body, absent


def test_site_settings_are_shown_on_every_page(client, settings):
    settings.SITE = settings.SITE | {
        "organiser": "某市科技局",
        "undertaker": "某中心",
        "contact": "电话 0411-00000000",
        "icp": "某ICP备00000000号",
        "police_record": "某公网安备 00000000000000号",
        "gov_code": "0000000000",
        "is_demo": True,
    }
    for name in ("home", "achievement_list", "help", "login"):
        body = html(client.get(reverse(name)))
        for shown in (
            "某市科技局",
            "某中心",
            "0411-00000000",
            "某ICP备00000000号",
            "beian.miit.gov.cn",
            "0000000000",
            "演示数据",
        ):
            assert shown in body, (name, shown)


def test_assets_are_own_and_no_script_or_style_is_inline(client):
    fill(1)
    for name in [*(name for name in LISTS if name != "sitemap"), "help", "login", "sign_up"]:
        body = html(client.get(reverse(name)))
        addresses = re.findall(
            r'<(?:link|script|img|source|use|iframe|form)\b[^>]*?\b(?:src|href|action)="([^"]*)"', body
        )
        assert addresses and all(at.startswith(("/", "http://testserver/", "?")) for at in addresses), (name, addresses)
        inline = re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\bsrc=)|javascript:|hx-on", body)
        assert not inline, (name, inline)


def test_stylesheets_load_nothing_else():
    for path in (settings.BASE_DIR / "static" / "css").glob("*.css"):
        css = path.read_text()
        assert "@import" not in css and "url(" not in css, path.name


def test_titles_descriptions_and_headings(client):
    fill(1)
    for name in ("home", "achievement_list", "demand_list", "round_list", "help"):
        body = html(client.get(reverse(name)))
        assert len(re.findall(r"<h1\b", body)) == 1, name
        assert re.search(r"<title>[^<]+</title>", body), name
        assert re.search(r'<meta name="description" content="[^"]{15,}"', body), name
        assert '<a class="skip" href="#main">' in body and 'lang="zh-CN"' in body, name


def test_page_weight_is_limited(client):
    """With everything that the page loads, as transferred on the first visit."""
    fill(20)
    achievement = Achievement.objects.first()
    for kind, path in (
        ("home", "/"),
        *(("list", path) for path in ("/achievements/", "/demands/", "/institutions/", "/challenges/", "/agencies/")),
        ("detail", reverse("achievement_detail", args=[achievement.public_id])),
    ):
        weight = weigh(client, path)
        assert weight.total <= LIMITS[kind], (path, weight.parts)


def test_sitemap_and_robots(client):
    fill(1)
    body = html(client.get("/sitemap.xml"))
    for achievement in (Achievement.objects.get(), Demand.objects.get()):
        assert f"/{achievement.public_id}/" in body
    assert "http://testserver/sitemap.xml" in html(client.get("/robots.txt"))
