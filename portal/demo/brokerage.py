"""A broker of the demo at work: requests, a mandate in force, one that the client revoked, a pipeline with a deal whose
contract is registered, an agreed commission, a public page. Both sides act through the services.
"""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokerage.models import HelpRequest
from brokerage.services.commissions import answer_commission, propose_commission
from brokerage.services.help_requests import accept_help, ask_for_help, propose_from_request
from brokerage.services.next_steps import plan_step
from brokerage.services.profiles import accept_profile_revision, profile_of, save_profile
from brokers.models import Broker
from deals.models import Deal
from demands.services.editing import create_demand
from demands.services.review import submit_demand
from enquiries.services.sending import send_enquiry
from mandates.models import Mandate, Right
from mandates.services.mandates import confirm_mandate, end_mandate, propose_mandate
from portal.demo.people import DemoContext

CLIENT, FORMER, ASKING = "qiling", "xianxu", "fanyue"
"""Firms with accounts: whose mandate is in force, who revoked one, who asks any broker."""
DEMAND = {
    "title": "老产线减振与降噪改造",
    "kind": "upgrade",
    "problem": "三条老产线的振动和噪声超过车间标准，停机加固效果只能保持两个月，想找不停机的减振办法。",
    "goal": "车间噪声降到八十五分贝以下，改造期间不停产。",
    "is_anonymous": True,
}
INTRODUCTION = (
    "二十年装备企业工艺经验，熟悉东北地区高校院所的材料和装备成果。先到现场看问题，再找成果；"
    "从第一次见面陪到合同登记，复杂的条款请律师一起看。"
)


def load_brokerage(demo: DemoContext) -> int:
    """Load the work of a broker with an account, best of one with a deal. Runs once; returns how many requests."""
    brokers = Broker.objects.certified().filter(user__isnull=False, agency__isnull=False).order_by("pk")
    broker = brokers.filter(deals__contracts__status="registered").first() or brokers.first()
    if HelpRequest.objects.exists() or broker is None or broker.user is None:
        return 0
    _publish_page(broker, demo)
    client, former, asking = (demo.organisations[key] for key in (CLIENT, FORMER, ASKING))
    mandate = _mandate_from_request(broker, client, demo.people[CLIENT])
    _work_for(mandate, broker.user)
    _revoked(broker, former, demo.people[FORMER])
    ask_for_help(
        asker=asking,
        by=demo.people[ASKING],
        text="我们的喷涂废气处理成本太高，想找能回收溶剂的办法，最好在本地院所有样机可以看。",
    )
    _registered_deal(broker, demo)
    return HelpRequest.objects.count()


def _publish_page(broker: Broker, demo: DemoContext) -> None:
    assert broker.user
    profile = profile_of(broker, by=broker.user)
    revision = save_profile(
        profile,
        by=broker.user,
        texts={"introduction": INTRODUCTION, "languages": "普通话、日语"},
        services=["transfer", "consulting", "financing"],
        takes_requests=True,
        industries=broker.industries.all(),
        regions=broker.regions.all(),
    )
    if revision:
        accept_profile_revision(revision, by=demo.city)


def _mandate_from_request(broker: Broker, client: Organisation, officer: User) -> Mandate:
    assert broker.user
    text = "三条老产线振动大，想找不停机的减振办法，请帮忙联系院所、先看两三家的方案。"
    request = ask_for_help(asker=client, by=officer, text=text, agent=broker)
    accept_help(request, by=broker.user)
    rights = [Right.POST, Right.ANSWER, Right.ATTEND]
    ends_on = timezone.localdate() + timedelta(days=180)
    mandate = propose_from_request(request, rights=rights, ends_on=ends_on, by=broker.user)
    confirm_mandate(mandate, by=officer)
    return mandate


def _work_for(mandate: Mandate, user: User) -> None:
    """A demand in the client's name, waiting for the district, and an enquiry that waits for the institution."""
    demand = create_demand(firm=mandate.client, by=user, values=DEMAND)
    submit_demand(demand, by=user)
    offered = Achievement.objects.on_offer().exclude(approaches__firm=mandate.client)
    achievement = offered.exclude(matches__demand__firm=mandate.client).order_by("pk").last()
    if achievement is None:
        return
    approach = send_enquiry(
        achievement,
        firm=mandate.client,
        purpose="learn",
        text="我们想用在一条不能停的产线上，安装期间要停多久？能否先在一台设备上试？",
        is_anonymous=True,
        by=user,
    )
    plan_step(
        subject_type="approach",
        subject_id=approach.pk,
        text="收到答复后约厂里设备科一起看现场",
        due_on=timezone.localdate() + timedelta(days=6),
        by=user,
    )


def _revoked(broker: Broker, former: Organisation, officer: User) -> None:
    assert broker.user
    mandate = propose_mandate(
        client=former,
        agent=broker,
        rights=[Right.ANSWER],
        purpose="为新材料产线寻找中试场地和合作院所",
        ends_on=timezone.localdate() + timedelta(days=90),
        by=officer,
    )
    confirm_mandate(mandate, by=broker.user)
    end_mandate(mandate, by=officer, reason="改由本企业技术部自己联系")


def _registered_deal(broker: Broker, demo: DemoContext) -> None:
    """The broker's deal with a registered contract gets a mandate of its seller, and an agreed commission."""
    deals = Deal.objects.filter(broker=broker, contracts__status="registered", seller__memberships__isnull=False)
    deal = deals.select_related("seller").order_by("pk").distinct().first()
    if deal is None or deal.seller is None or broker.user is None:
        return
    officer = User.objects.filter(memberships__organisation=deal.seller, is_active=True).order_by("pk").first()
    if officer is None:
        return
    mandate = propose_mandate(
        client=deal.seller,
        agent=broker,
        rights=[Right.ANSWER, Right.ATTEND],
        purpose="为本校装备类成果寻找企业，组织洽谈",
        ends_on=timezone.localdate() + timedelta(days=365),
        by=officer,
    )
    confirm_mandate(mandate, by=broker.user)
    commission = propose_commission(
        deal, mandate, by=broker.user, percent=Decimal(3), base="contract", cap_wan=Decimal(20), due="registered"
    )
    answer_commission(commission, agree=True, by=officer)
