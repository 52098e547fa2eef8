"""A complete case: match, follow-up, deal and contract, with a fund and an agency."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from deals.models import Deal
from deals.models.deal import DealStep
from matching.models import FollowUpStep
from mechanism.models import Fund, Investment
from tests import factories as make


def make_complete_case(*, region_code: str = "jinpu") -> SimpleNamespace:
    now, today = timezone.now(), timezone.localdate()
    case = SimpleNamespace(region=make.region(region_code), officer=make.city_officer())
    case.institution, case.firm = make.institution(), make.firm(region_code=region_code)
    case.achievement = make.achievement(institution=case.institution)
    decided = {"status": "accepted", "reviewed_by": case.officer, "reviewed_at": now}
    case.match = make.match(achievement=case.achievement, demand=make.demand(firm=case.firm), **decided)
    case.follow_up = make.follow_up(case.match, owner=case.officer, next_on=today)
    FollowUpStep.objects.create(follow_up=case.follow_up, status="intent")
    case.agency = make.agency(f"大连集桥{case.match.pk}技术转移有限公司")
    case.deal = Deal.objects.create(
        origin="match",
        follow_up=case.follow_up,
        name=f"包覆技术许可{case.match.pk}",
        seller=case.institution,
        buyer=case.firm,
        stage="registered",
        agency=case.agency,
        signed_wan=Decimal(300),
        intent_wan=Decimal(320),
    )
    DealStep.objects.create(deal=case.deal, stage="signed", on=today)
    make.confirmed(case.deal)
    case.contract = make.contract(
        seller=case.institution,
        buyer=case.firm,
        deal=case.deal,
        agency=case.agency,
        amount_wan=Decimal(300),
        tech_amount_wan=None,
    )
    case.fund = Fund.objects.create(
        name=f"演示基金{case.match.pk}", kind="angel", manager="示例", subscribed_wan=50000, valid_from=date(2024, 1, 1)
    )
    Investment.objects.create(fund=case.fund, achievement=case.achievement, amount_wan=100, invested_on=today)
    return case
