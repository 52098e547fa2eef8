"""Disclosure control of the public page: attacks by filters and differences reveal no firm's sum."""

import random
from datetime import date
from decimal import Decimal
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Region
from deals.models import Contract
from mechanism.kpi import public_report as public
from mechanism.kpi.disclosure_control import ContractEntry, PublishedContracts, rounded_wan, suppressed_cells
from mechanism.kpi.period import Period, year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import Target
from taxonomy.models import Industry
from tests import factories as make
from tests.mechanism.closing.closed_city import close

pytestmark = pytest.mark.long

SINGLE, DOMINANT = "大连独一无二轴承有限公司", "大连一家独大化工有限公司"
YEAR = 2025


def entry(pk: int, amount=100, *firms) -> ContractEntry:
    firms = firms or (f"企业{pk}",)
    return ContractEntry(pk, Decimal(amount), firms[0], frozenset(firms))


# --- The rule --------------------------------------------------------------------------------------------------------
def test_few_firms_are_unsafe_and_an_empty_set_is_safe():
    contracts = PublishedContracts(entry(n) for n in range(5))
    assert contracts.is_safe(contracts.all_ids)
    assert not contracts.is_safe(frozenset(range(4)))
    assert contracts.is_safe(frozenset())


def test_two_dominant_firms_are_unsafe():
    contracts = PublishedContracts([entry(0, 5000), entry(1, 5000), *(entry(n, 10) for n in range(2, 9))])
    assert not contracts.is_safe(contracts.all_ids)


def test_many_contracts_of_few_firms_are_unsafe():
    assert not PublishedContracts(entry(n, 100, f"企业{n % 4}") for n in range(40)).is_safe(frozenset(range(40)))


def test_sellers_do_not_make_up_for_few_buyers():
    contracts = PublishedContracts(entry(n, 100, f"买方{n % 4}", f"卖方{n}") for n in range(12))
    assert not contracts.is_safe(contracts.all_ids)
    assert PublishedContracts(entry(n, 100, f"买方{n}", f"卖方{n}") for n in range(5)).is_safe(frozenset(range(5)))


def test_complementary_suppression():
    contracts = PublishedContracts(entry(n) for n in range(16))
    cells = {"甲": frozenset(range(1)), "乙": frozenset(range(1, 7)), "丙": frozenset(range(7, 16))}
    assert suppressed_cells(contracts, {"t": cells}) == {"t": {"甲", "乙"}}


def test_differences_across_tables_are_safe():
    contracts = PublishedContracts(entry(n) for n in range(20))
    first = {"a": frozenset(range(10)), "b": frozenset(range(10, 20))}
    second = {"x": frozenset(range(9)), "y": frozenset(range(9, 20))}  # a − x is one firm
    hidden = suppressed_cells(contracts, {"one": first, "other": second})
    shown = [first[cell] for cell in first if cell not in hidden["one"]]
    shown += [second[cell] for cell in second if cell not in hidden["other"]]
    assert not any(len(outer - inner) == 1 for inner in shown for outer in shown)


def test_sums_are_rounded():
    assert rounded_wan(Decimal("149.99")) == 100


# --- The page --------------------------------------------------------------------------------------------------------
def sold(amount, day: date = date(YEAR, 5, 5), **fields) -> Contract:
    return make.contract(amount_wan=Decimal(amount), tech_amount_wan=None, registered_on=day, **fields)


@pytest.fixture(scope="module")
def a_year(django_db_setup, django_db_blocker):
    """A year of contracts with large and small cells, a district with one firm, an industry with a dominant firm."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _a_year()
        transaction.set_rollback(True)


@pytest.fixture
def city(a_year, db):
    return a_year


def _a_year():
    source = random.Random(5)
    regions = list(Region.objects.reporting())
    industries = list(Industry.objects.filter(parent=None)[:4])
    seller = make.institution()
    firms = [make.firm(f"大连甲乙{n}有限公司", region_code=regions[n % 6].code) for n in range(48)]
    make.contracts(
        {
            "amount_wan": Decimal(source.randint(50, 900)),
            "tech_amount_wan": None,
            "registered_on": date(YEAR, number % 12 + 1, 1 + number % 28),
            "seller": seller,
            "buyer": firms[number % len(firms)],
            "industry": industries[number % 3],
        }
        for number in range(150)
    )
    sold(1234, seller=seller, buyer=make.firm(SINGLE, region_code=regions[12].code), industry=industries[0])
    sold(45678, seller=seller, buyer=make.firm(DOMINANT, region_code=regions[0].code), industry=industries[3])
    for number in range(3):
        sold(10, seller=seller, buyer=firms[number], industry=industries[3])
    office = make.organisation("city", "市科技局")
    officers = SimpleNamespace(checker=make.city_officer(), signer=make.user("city_officer", office))
    close(officers, f"{YEAR}-12")  # only what is signed is public
    return seller


def page(client, query=f"year={YEAR}", status=200) -> str:
    answer = client.get(f"/figures/?{query}")
    assert answer.status_code == status, query
    return answer.content.decode()


def api(client, query="", status=200, key=""):
    answer = client.get(f"/api/v1/figures/{key}?{query}")
    assert answer.status_code == status, (query, answer.content.decode())
    return answer.json()


FILTERS = [
    *("quarter=2", "month=5", "period=2025-05", "region=210202", "district=jinpu", "industry=materials"),
    *("institution=1", "agency=1", "round=1", "kind=development", "buyer=1", "firm=1", "from=2025-05-05"),
    *("since=2025-05-05", "by=institution", "by=firm", "page=2", "format=csv", "narrow=all", "as_of=2025-05-31"),
]


def test_page_attack_by_filter(client, city):
    """Unknown parameters are ignored."""
    shown = page(client)
    for query in FILTERS:
        assert page(client, f"year={YEAR}&{query}") == shown, query


def test_api_attack_by_filter(client, city):
    """Filters of visitors are rejected."""
    for query in FILTERS:
        if not query.startswith(("period", "format")):
            assert api(client, f"period={YEAR}&{query}", 400)["status"] == 400, query


@pytest.mark.parametrize("text", ["2025Q2", "2025-05", "2025 or 1=1", "１", "9" * 20, "-1", "1999", "2999"])
def test_attack_by_period(client, city, text):
    api(client, f"period={text}", 400)
    page(client, f"year={text}", 404)


def report(year: int = YEAR):
    return public.build_report(year_period(year))


def cells(name: str) -> list:
    return next(cells for key, _label, cells in report().tables if key == name)


def test_attack_by_the_cell_of_a_single_firm(city):
    assert Region.objects.reporting()[12].name in [cell.label for cell in cells("region") if cell.yi is None]


def test_attack_by_the_cell_of_a_dominant_firm(city):
    assert any(cell.yi is None and cell.contracts is None for cell in cells("industry"))


def behind() -> list:
    """The contracts behind the tables with their cells."""
    return public.contract_entries(
        FigureScope(Period(str(YEAR), date(YEAR, 1, 1), date(YEAR, 12, 31))), FIGURES["absorbed"]
    )


def keys_of(name: str, entries: list, *, hidden: bool) -> set:
    labels = {cell.label for cell in cells(name) if (cell.yi is None) == hidden}
    return {key for key, label in public.cell_labels(name, {at[name]: () for _entry, at in entries}) if label in labels}


@pytest.mark.parametrize("name", ["region", "industry", "quarter"])
def test_attack_by_total_minus_shown_cells(city, name):
    """The total minus the shown cells is empty or has enough firms."""
    entries = behind()
    contracts, hidden = PublishedContracts(contract for contract, _at in entries), keys_of(name, entries, hidden=True)
    assert contracts.is_safe(frozenset(contract.pk for contract, at in entries if at[name] in hidden))


def published_sets() -> tuple[list[frozenset[int]], PublishedContracts, dict]:
    entries = behind()
    sets = [frozenset(contract.pk for contract, _at in entries)]
    for name in ("region", "industry", "quarter"):
        for key in keys_of(name, entries, hidden=False):
            sets.append(frozenset(contract.pk for contract, at in entries if at[name] == key))
    firms: dict = {}
    for contract, _at in entries:
        for firm in contract.firms:
            firms.setdefault(firm, set()).add(contract.pk)
    return [ids for ids in sets if ids], PublishedContracts(contract for contract, _at in entries), firms


def test_attack_by_difference_of_any_two(city):
    sets, contracts, _firms = published_sets()
    assert len(sets) > 5
    for first, second in combinations(sets, 2):
        if first < second or second < first:
            assert contracts.is_safe(first ^ second)


def test_attack_by_any_sum_and_difference_of_all_of_them(city):
    """No firm's contracts are a linear combination of the published sets."""
    sets, contracts, firms = published_sets()
    ids = sorted(contracts.all_ids)
    place = {pk: number for number, pk in enumerate(ids)}
    matrix = np.zeros((len(sets), len(ids)))
    for number, ids_of_set in enumerate(sets):
        matrix[number, [place[pk] for pk in ids_of_set]] = 1
    for firm, own_contracts in firms.items():
        wanted = np.zeros(len(ids))
        wanted[[place[pk] for pk in own_contracts]] = 1
        solution, *_rest = np.linalg.lstsq(matrix.T, wanted, rcond=None)
        assert np.abs(matrix.T @ solution - wanted).max() > 0.01, firm


def test_attack_by_comparing_before_and_after_a_contract(client, city):
    """What is registered later, also in the published year, is public only with the next signed version."""
    before = page(client, "")
    sold(7777, timezone.localdate(), seller=city)
    sold(7777, seller=city)
    assert page(client, "") == before


def test_attack_by_a_year_with_one_firm(client, city):
    sold(4321, date(YEAR - 1, 3, 3), seller=city, buyer=make.firm(SINGLE))
    figures = {figure.key: figure for figure in report(YEAR - 1).figures}
    assert not figures["turnover"].is_published
    assert not figures["local_rate"].is_published
    assert report(YEAR - 1).tables == []
    assert "4321" not in page(client, f"year={YEAR - 1}", status=404)  # nobody has signed it


def test_attack_by_the_turnover_minus_what_the_city_absorbed(city):
    """The page shows both sums: one contract that left the city would be their difference."""
    assert report().total.contracts == len(behind())
    sold(5000, seller=city, buyer=make.firm("外地精工有限公司"), is_buyer_local=False)
    assert report().tables and report().total is None


def test_no_quarter_is_left_out_and_a_target_is_that_of_its_own_year(city):
    firms = [make.firm(f"丙丁{number}有限公司") for number in range(8)]
    for month in (2, 8):
        for firm in firms:
            sold(100, date(YEAR - 2, month, 3), seller=city, buyer=firm)
    name, _label, quarters = report(YEAR - 2).tables[0]
    assert (name, [cell.label for cell in quarters]) == ("quarter", ["第1季度", "第2季度", "第3季度"])
    assert quarters[1].contracts == 0 and quarters[0].contracts == quarters[2].contracts == 8
    Target.objects.all().delete()
    common = {"figure": "turnover", "value": 700, "is_over": True, "source": "通知", "valid_from": date(YEAR, 1, 1)}
    Target.objects.create(year=YEAR + 1, **common)
    assert all(figure.target == "" for figure in report().figures)
    Target.objects.create(year=YEAR, **common)
    assert report().figures[0].target == f"{YEAR} 年目标：超过 700 亿元"


def test_attack_by_the_rate(city):
    """All contracts stayed except one: the rate would reveal its amount."""
    assert next(figure for figure in report().figures if figure.key == "local_rate").is_published
    sold(5000, seller=city, is_buyer_local=False)
    assert not next(figure for figure in report().figures if figure.key == "local_rate").is_published


def test_attack_by_searching_the_text(client, city):
    text = page(client)
    for secret in (SINGLE, DOMINANT, "大连甲乙", "1234", "45678", "45,678"):
        assert secret not in text
    assert SINGLE not in str(api(client, f"period={YEAR}"))


def test_attack_by_unpublished_figures(client, city):
    for key in ("signed_money", "intent_money", "paid", "tech_turnover", "funds_paid_in"):
        api(client, f"period={YEAR}", 404, key=f"{key}/")


def test_page_and_api_show_the_same(client, city):
    values = {figure["key"]: figure["value"] for figure in api(client, f"period={YEAR}") if "by" not in figure}
    assert values == {figure.key: figure.text if figure.is_published else None for figure in report().figures}
    assert Contract.objects.filter(buyer__name=DOMINANT).exists()
