"""A site with something on every page: long words, empty fields, every optional part, more rows than a page holds."""

from datetime import date, timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import Contact, Region, SignUp
from achievements.models import Achievement, Completer, Indicator, IntellectualProperty
from achievements.services.attachments import add_attachment
from brokers.models import Agency
from demands.models import DemandIndicator
from taxonomy.models import Industry, maturity_bucket
from tests import factories as make
from tests.achievements import uploads

LONG_TITLE = (
    "面向Poly(vinylidenefluoride-co-hexafluoropropylene)多孔隔膜的" + "高温循环稳定性与界面副反应协同抑制技术" * 3
)


BEARING = {
    "title": "滚动轴承保持架减磨技术",
    "summary": "在保持架表面沉积固体润滑层，减小磨损。",
    "keywords": ["轴承", "寿命"],
}
CATHODE = {
    "title": "正极材料表面包覆技术",
    "summary": "在正极颗粒表面生成包覆层，抑制副反应。",
    "keywords": ["正极", "寿命"],
}


def achievements(count: int = 23) -> None:
    """Rows for a list of more than one page; every third is about bearings, the others about cathodes."""
    industries = list(Industry.objects.filter(parent=None)[:3])
    for number in range(count):
        words = CATHODE if number % 3 else BEARING
        level = number % 9 + 1
        make.achievement(
            **words | {"title": f"{words['title']}{number}"},
            industry=industries[number % 3],
            institution=make.institution(f"大连示例大学{number % 3}"),
            maturity_level=level,
            maturity_bucket=maturity_bucket("trl9", level),
        )


def full_achievement():
    """Every optional part of the page, the longest title, a ladder of thirteen steps."""
    achievement = make.achievement(
        title=LONG_TITLE,
        institution=make.institution("大连示例化学物理研究所"),
        partner_names="大连示例大学；大连示例海洋研究院",
        keywords=["锂离子电池", "PVDF-HFP", "高温循环"],
        innovation="先在前驱体表面沉积，再低温退火。\n包覆层厚 3–5 nm。",
        scenario="动力电池与储能电池。",
        economics="比现有方案每吨多 800 元，寿命延长四成。",
        maturity_scale="gbt22900_13",
        maturity_level=7,
        maturity_bucket="pilot",
        maturity_evidence="第三方检测报告与中试记录。",
        maturity_assessed_by="大连示例评价中心",
        maturity_assessed_on=date(2026, 3, 1),
        standing="national_leading",
        evaluation="assessment",
        evaluated_by="大连示例评价中心",
        evaluated_on=date(2026, 3, 2),
        transfer_ways=["licence", "equity", "joint_development"],
        price_min_wan=50,
        price_max_wan=100,
        pay_later=True,
        wanted_partner="有年产千吨以上正极材料产线的企业",
        funds_needed_wan=300,
        expires_on=timezone.localdate() + timedelta(days=300),
    )
    Indicator.objects.create(
        achievement=achievement,
        name="45 ℃循环容量保持率",
        value="91",
        unit="%",
        condition="1 C，500 次",
        basis="检测报告",
    )
    Indicator.objects.create(
        achievement=achievement, name="粒径", comparison="between", value="10", value_to="20", unit="μm"
    )
    IntellectualProperty.objects.create(
        achievement=achievement, kind="invention", title="一种包覆正极材料", number="ZL202010000000.0"
    )
    Completer.objects.create(achievement=achievement, name="李示例", unit="大连示例大学")
    add_attachment(achievement, content=uploads.PDF, name="产品样本.pdf", by=make.city_officer(), is_public=True)
    return achievement


def agency(name: str) -> Agency:
    organisation = make.organisation("agency", name, stat_region=make.region(), website="https://example.cn/")
    contact = Contact.objects.create(
        organisation=organisation, name="联系人", phone="13900000000", email="a@example.cn"
    )
    made = Agency.objects.create(
        organisation=organisation,
        kind="transfer",
        services=["platform", "consulting"],
        contact=contact,
        verified_at=timezone.now(),
        verified_by=make.city_officer(),
    )
    made.industries.set(Industry.objects.filter(parent=None)[:3])
    made.regions.set(Region.objects.reporting()[:3])
    return made


def showcase() -> SimpleNamespace:
    """Everything that the public pages can show, once."""
    achievements()
    full = full_achievement()
    need = make.demand(
        title="轴承保持架减磨",
        is_anonymous=True,
        public_alias="某轴承企业",
        goal="磨损量降低一半。",
        conditions="有试验台两套。",
        keywords=["轴承", "保持架"],
        transfer_ways=["commissioned"],
        budget_min_wan=20,
        budget_max_wan=80,
        intended_partner="有润滑研究基础的院校",
        wants_challenge=True,
        industry=Industry.objects.get(slug="materials"),
        expires_on=timezone.localdate() + timedelta(days=200),
    )
    DemandIndicator.objects.create(
        demand=need, name="磨损量", comparison="le", value="0.5", unit="mg", condition="100 h"
    )
    for _ in range(3):
        make.demand()
    helper = agency("大连示例技术转移中心")
    make.broker(agency=helper, title="工程系列·工程师").industries.set(Industry.objects.filter(parent=None)[:2])
    make.broker()
    meeting = make.docking_round(
        name="新材料专场对接会",
        place="大连示例会展中心",
        host=make.organisation("city", "大连市科学技术局"),
        themes="新材料、储能",
        description="会前征集，会上洽谈。\n会后跟踪。",
    )
    meeting.organisers.create(name="大连示例技术转移中心")
    meeting.featured.set(Achievement.objects.order_by("-pk")[:2])
    past = timezone.now() - timedelta(days=40)
    make.docking_round(starts_at=past, ends_at=past + timedelta(hours=3))
    asked = SignUp.objects.create(
        firm_name="大连新来轴承有限公司",
        credit_code="91210200MADEM0001W",
        stat_region=make.region(),
        username="newcomer",
        name="申请人",
        phone="13800000000",
        email="newcomer@example.cn",
        password_hash="unusable",
        consented_at=timezone.now(),
    )
    return SimpleNamespace(achievement=full, demand=need, agency=helper, round=meeting, sign_up=asked)
