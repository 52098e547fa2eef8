"""One pair that went all the way: match, follow-up, deal, contract; with a fund, an agency and a round around it."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from deals.models import Deal
from deals.models.deal import DealStep
from matching.models import FollowUp, FollowUpStep
from mechanism.models import Fund, Investment
from tests import factories as make


def all_the_way(*, region_code: str = "jinpu") -> SimpleNamespace:
    now, today = timezone.now(), timezone.localdate()
    s = SimpleNamespace(region=make.region(region_code), officer=make.city_officer())
    s.institution, s.firm = make.institution(), make.firm(region_code=region_code)
    s.achievement = make.achievement(institution=s.institution)
    decided = {"status": "accepted", "reviewed_by": s.officer, "reviewed_at": now}
    s.match = make.match(achievement=s.achievement, demand=make.demand(firm=s.firm), **decided)
    s.follow_up = FollowUp.objects.create(match=s.match, owner=s.officer, status="intent", agreed_at=now, next_on=today)
    FollowUpStep.objects.create(follow_up=s.follow_up, status="intent")
    s.agency = make.agency(f"大连集桥{s.match.pk}技术转移有限公司")
    s.deal = Deal.objects.create(
        origin="match", follow_up=s.follow_up, name=f"包覆技术许可{s.match.pk}", seller=s.institution, buyer=s.firm,
        stage="registered", agency=s.agency, signed_wan=Decimal(300), intent_wan=Decimal(320),
    )  # fmt: skip
    DealStep.objects.create(deal=s.deal, stage="signed", on=today)
    s.contract = make.contract(
        seller=s.institution, buyer=s.firm, deal=s.deal, agency=s.agency, amount_wan=Decimal(300), tech_amount_wan=None
    )
    s.fund = Fund.objects.create(
        name=f"演示基金{s.match.pk}", kind="angel", manager="示例", subscribed_wan=50000, valid_from=date(2024, 1, 1)
    )
    Investment.objects.create(fund=s.fund, achievement=s.achievement, amount_wan=100, invested_on=today)
    return s
