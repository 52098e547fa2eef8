"""Dashboards on a screen, on a phone and on paper."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from mechanism.services.target_allocation import give_target
from taxonomy.models import Industry
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import walk
from tests.mechanism.kpi.fixtures import make_complete_case

A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")

WIDTHS = (1920, 3840)


def a_full_city():
    """Data that fill every table of the dashboard."""
    case = make_complete_case()
    industries = list(Industry.objects.filter(parent=None))
    sellers = [make.institution(f"大连第{number}大学") for number in range(12)]
    buyers = [make.firm(region_code=region.code) for region in Region.objects.reporting()]
    for number in range(48):
        make.contract(
            seller=sellers[number % len(sellers)],
            buyer=buyers[number % len(buyers)],
            industry=industries[number % len(industries)],
            amount_wan=Decimal(9_999_999),
            tech_amount_wan=None,
        )
    for number in range(8):
        docking_round = make.docking_round(name=f"第{number}场科技成果转化集中对接会暨区市县专场", status="running")
        make.party(docking_round)
    return case


@pytest.mark.long
def test_figure_pages_on_desk_phone_paper_and_wall(visit):
    """No accessibility fault and no sideways scrolling; two pages of A4; one screen of a wall, which survives a lost
    network."""
    case = a_full_city()
    year = timezone.localdate().year
    for region in list(Region.objects.reporting())[::2]:
        give_target(figure="turnover", year=year, assignee=region, value=Decimal(300), by=case.officer)
    paths = [reverse(name) for name in ("board", "board_tables", "target_allocation", "briefing", "public_figures")]
    paths += [reverse("forecast_method"), reverse("figure", args=["local_rate"])]
    paths += [reverse("figure_rows", args=["turnover"]), reverse("figure_changes", args=["turnover"])]
    visitor = visit(WIDE)
    visitor.sign_in(case.officer)
    assert walk(visitor, paths) == {}
    for name in ("board", "board_tables"):
        page = visitor.go(reverse(name))
        assert len(A_PAGE.findall(page.pdf(prefer_css_page_size=True))) <= 2, name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": width * 9 // 16})
        page = visitor.go(reverse("board_wall"))
        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("没有连上，以下是").wait_for()
    assert page.get_by_text("五项里").is_visible()
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("没有连上").wait_for(state="hidden")
    complaints = visitor.watch.take_complaints()  # htmx says that it was refused while the network was away
    assert all("htmx:" in complaint for complaint in complaints)
    phone = visit(PHONE)  # at its width nothing overflows: `walk` has seen that; these three have other parts there
    phone.sign_in(case.officer)
    assert walk(phone, [reverse(name) for name in ("board", "board_tables", "public_figures")]) == {}
