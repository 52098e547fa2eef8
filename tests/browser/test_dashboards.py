"""Dashboards on a screen, on a phone and on paper."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Region
from mechanism.kpi.registry import TARGETS
from taxonomy.models import Industry
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import walk
from tests.mechanism.kpi.fixtures import make_complete_case

A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")

DRAWN_FOR_PAPER = """async () => {
  const canvas = document.querySelector("[data-chart=trend] canvas"), wide = canvas.width;
  dispatchEvent(new Event("beforeprint"));
  const drawn = canvas.toDataURL();
  await new Promise((later) => setTimeout(later, 500));
  return [canvas.width < wide, canvas.toDataURL() === drawn];
}"""
"""Whether the chart is redrawn smaller for paper without animation, because printing does not wait."""


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
def test_dashboards_are_accessible_and_print_on_two_pages(visit):
    case = a_full_city()
    paths = [reverse("board"), reverse("public_figures"), *(reverse("figure", args=[key]) for key in TARGETS)]
    paths += [reverse("figure_rows", args=["turnover"]), reverse("figure_changes", args=["turnover"])]
    visitor = visit(WIDE)
    visitor.sign_in(case.officer)
    assert walk(visitor, paths) == {}
    page = visitor.go(reverse("board"))
    page.locator("[data-chart=trend] canvas").wait_for()
    assert len(A_PAGE.findall(page.pdf(prefer_css_page_size=True))) == 2
    assert page.evaluate(DRAWN_FOR_PAPER) == [True, True]
    phone = visit(PHONE)
    phone.sign_in(case.officer)
    assert walk(phone, [reverse("board"), reverse("public_figures"), reverse("figure", args=["local_rate"])]) == {}
