"""What figures count, and that rows, splits and values agree."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Region, Role
from deals.models import Contract, Deal, Landing, Payment
from deals.models.deal import DealStep
from mechanism.kpi.counting import FigureQuery, FigureResults, compute_totals, count_figure, split_figure
from mechanism.kpi.definitions import TIMES
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope, parse_scope
from mechanism.kpi.records import describe_records, ordered_records
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.unconfirmed import count_unconfirmed
from mechanism.models import Fund, RateRule
from rounds.models import DockingRound, Party
from tests import factories as make
from tests.mechanism.kpi.fixtures import make_complete_case

pytestmark = [pytest.mark.django_db, pytest.mark.long]
YEAR = FigureScope(parse_period("2025"))
DAY = date(2025, 6, 30)


def value(key: str, scope: FigureScope = YEAR):
    return count_figure(FIGURES[key], scope).value


def contract(**fields) -> Contract:
    return make.contract(**{"registered_on": DAY, "tech_amount_wan": None} | fields)


def test_turnover_counts_contracts_registered_in_the_year():
    contract(amount_wan=Decimal("20000"))
    contract(amount_wan=Decimal("5000"), registered_on=date(2025, 1, 1))
    contract(amount_wan=Decimal("7000"), registered_on=date(2024, 12, 31))
    contract(amount_wan=Decimal("9000"), status="cancelled", cancelled_on=DAY, cancelled_reason="合同解除")
    contract(amount_wan=Decimal("9000"), status="submitted")
    assert value("turnover") == Decimal("2.5")
    assert value("turnover", FigureScope(parse_period("2025Q1"))) == Decimal("0.5")
    assert value("contracts") == 2


def test_missing_amounts_and_regions_are_reported_as_gaps():
    contract(amount_wan=None, tech_amount_wan=None)
    counted = count_figure(FIGURES["turnover"], YEAR)
    assert counted.value == 0
    assert dict(counted.gaps) == {"缺金额": 1, "缺卖方统计归口": 1, "缺产业链": 1}
    assert "缺金额 1" in counted.notes[-1]


def test_contracts_of_sellers_elsewhere_are_not_turnover():
    """Contracts are registered where the seller is; absorbed turnover counts all contracts of local buyers."""
    elsewhere = make.institution("中国科学院长春应用化学研究所")
    elsewhere.is_local = False
    contract(amount_wan=Decimal("100"), tech_amount_wan=Decimal("90"))
    contract(amount_wan=Decimal("30"), tech_amount_wan=None, is_seller_local=None)  # neither here nor elsewhere
    contract(amount_wan=Decimal("700"), tech_amount_wan=Decimal("700"), seller=elsewhere)
    turnover = count_figure(FIGURES["turnover"], YEAR)
    assert turnover.totals.total == 100
    assert [left.text for left in count_unconfirmed(FIGURES["turnover"], YEAR)] == [
        "所在地不明 1 条，30.00 万元，不计入"
    ]
    assert value("contracts") == 1
    assert count_figure(FIGURES["tech_turnover"], YEAR).totals.total == 90
    assert count_figure(FIGURES["absorbed"], YEAR).totals.total == 830
    assert value("absorbed_contracts") == 3


@pytest.mark.parametrize(
    ("kind", "region", "day", "stays"),
    [
        ("company", "jinpu", DAY, True),
        ("company", None, DAY, False),  # location unknown
        ("line", "jinpu", DAY, False),
        ("company", "jinpu", date(2026, 1, 2), False),  # founded after the year
    ],
)
def test_a_local_company_founded_for_the_deal_counts_as_staying(kind, region, day, stays):
    deal, other = a_deal(), a_deal()
    values = {"kind": kind, "region": region and make.region(region), "landed_on": day, "deal": deal}
    Landing.objects.create(name="大连示例新材料有限公司", **values)  # a typed text
    landing = Landing.objects.create(
        name="大连示例新材料有限公司", credit_code="91210200MA0C16KT0B", capital_wan=500, **values
    )
    assert not count_figure(FIGURES["local_rate"], YEAR).totals.part_rows  # nobody but the author says so
    make.confirmed(landing)
    contract(deal=deal, amount_wan=Decimal("60"), is_buyer_local=False)
    contract(deal=other, amount_wan=Decimal("40"), is_buyer_local=False)
    totals = count_figure(FIGURES["local_rate"], YEAR).totals
    assert (totals.part, totals.part_rows) == ((60, 1) if stays else (0, 0))
    assert (totals.total, totals.rows) == (100, 2)
    rows = describe_records(
        FIGURES["local_rate"],
        ordered_records(FIGURES["local_rate"], YEAR.rows(FIGURES["local_rate"])),
        make.city_officer(),
    )
    assert sorted(line.in_numerator for line in rows) == [False, stays]


def test_local_rate_by_amount_and_by_number():
    contract(amount_wan=Decimal("900"))
    contract(amount_wan=Decimal("50"), is_buyer_local=False)
    contract(amount_wan=Decimal("50"), is_buyer_local=None)
    contract(amount_wan=Decimal("800"), seller=make.firm())  # firms are not monitored
    counted = count_figure(FIGURES["local_rate"], YEAR)
    assert (counted.totals.by_amount, counted.totals.by_number) == (Decimal("90.00"), Decimal("33.33"))
    assert counted.value == Decimal("90.00")
    assert "全部在连高校院所" in counted.notes[0]


def test_the_rate_rule_defines_institutions_and_basis():
    watched = make.institution("大连理工大学")
    contract(seller=watched, amount_wan=Decimal("900"))
    contract(seller=watched, amount_wan=Decimal("100"), is_buyer_local=False)
    contract(seller=make.institution("大连大学"), is_buyer_local=False)
    rule = RateRule.objects.create(valid_from=date(2025, 1, 1), basis="number")
    rule.institutions.add(watched)
    counted = count_figure(FIGURES["local_rate"], YEAR)
    assert counted.value == Decimal("50.00")
    assert "按合同项数；监测 大连理工大学；自 2025年1月1日起" in counted.notes[0]
    assert count_figure(FIGURES["local_rate"], FigureScope(parse_period("2024"))).rule is None


def test_a_rate_without_contracts_is_none():
    assert value("local_rate") is None


def test_funds_count_within_their_validity():
    fund = {"manager": "示例", "paid_in_wan": 10000, "subscribed_wan": 300000}
    Fund.objects.create(name="甲", kind="angel", valid_from=date(2024, 1, 1), **fund)
    Fund.objects.create(name="乙", kind="angel", valid_from=date(2024, 1, 1), valid_to=date(2025, 6, 1), **fund)
    Fund.objects.create(name="丙", kind="venture", valid_from=date(2026, 1, 1), **fund)
    assert value("funds") == 30
    assert value("funds_paid_in") == 1
    assert value("funds", FigureScope(parse_period("2025Q1"))) == 60
    assert [line.value for line in split_figure(FIGURES["funds"], YEAR, "kind")] == [30, 0, 0]


def test_agencies_and_items_today():
    now = FigureScope(parse_period(""))
    make.agency("甲中心")
    make.agency("乙中心", verified=False)
    off = make.agency("丙中心")
    off.organisation.is_active = False
    off.organisation.save()
    make.achievement()
    make.achievement(status="withdrawn", status_reason="重复")
    make.achievement(registered=False)
    assert value("agencies", now) == 1
    assert value("items", now) == 1
    assert value("items", YEAR) == 0


def a_deal(**fields) -> Deal:
    return Deal.objects.create(
        **{"origin": "outside", "name": "项目", "stage": "signed", "buyer": make.firm(), "signed_wan": 30}
        | {"seller": make.institution()}
        | fields
    )


def test_a_deal_counts_once_on_its_first_signing():
    deal = a_deal(stage="landed")
    DealStep.objects.create(deal=deal, stage="signed", on=date(2025, 3, 1))
    DealStep.objects.create(deal=deal, stage="registered", on=date(2025, 9, 1))
    make.confirmed(deal)
    failed = a_deal(stage="failed", failed_reason="other")
    DealStep.objects.create(deal=failed, stage="signed", on=date(2025, 3, 1))
    a_deal(stage="intent")
    assert value("signed", FigureScope(parse_period("2025Q1"))) == 1
    assert value("signed", FigureScope(parse_period("2025Q3"))) == 0
    assert value("signed_money") == 30


def test_the_four_kinds_of_money_are_separate():
    deal = a_deal(intent_wan=50, made_at=timezone.make_aware(timezone.datetime(2025, 2, 1)))
    DealStep.objects.create(deal=deal, stage="signed", on=DAY)
    make.confirmed(Payment.objects.create(deal=deal, amount_wan=10, received_on=DAY))
    make.confirmed(Payment.objects.create(deal=deal, amount_wan=5, received_on=date(2026, 1, 1)))
    Payment.objects.create(deal=deal, amount_wan=7, received_on=DAY)  # one side's word
    assert [value(key) for key in ("intent_money", "signed_money", "paid")] == [0, 0, 0]
    make.confirmed(deal)
    contract(deal=deal, amount_wan=Decimal("40"), tech_amount_wan=Decimal("35"))
    values = [value(key) for key in ("intent_money", "signed_money", "turnover", "tech_turnover", "paid")]
    assert values == [50, 30, Decimal("0.0040"), Decimal("0.0035"), 10]


def held_round(**fields) -> DockingRound:
    start = timezone.make_aware(timezone.datetime(2025, 5, 1, 9))
    run = make.match_run()
    return make.docking_round(
        starts_at=start, ends_at=start + timedelta(hours=6), status="closed", closed_at=start, match_run=run, **fields
    )


def test_rounds_firms_and_meetings():
    docking_round = held_round()
    docking_round.featured.add(make.achievement(), make.achievement())
    came, office = make.party(docking_round), make.party(docking_round, make.institution())
    make.party(docking_round, absent_at=timezone.now())
    make.party(docking_round, answer=Party.Answer.DECLINED)
    make.meeting(came, office, status="held")
    make.meeting(make.party(docking_round), office, status="missed")
    coming = make.docking_round(
        starts_at=docking_round.starts_at, ends_at=docking_round.ends_at
    )  # announced, not yet begun
    make.party(coming)
    values = [value(key) for key in ("rounds", "featured", "firms", "meetings")]
    assert values == [1, 2, 2, 1]
    assert split_figure(FIGURES["meetings"], YEAR, "round")[0].label == docking_round.name


def test_figures_are_the_same_before_and_after_archiving():
    docking_round = held_round()
    docking_round.featured.add(make.achievement())
    make.meeting(make.party(docking_round), make.party(docking_round, make.institution()), status="held")
    before = whole_and_by_quarter()
    DockingRound.objects.update(status="archived")
    assert before == whole_and_by_quarter()


def whole_and_by_quarter() -> dict:
    """{figure: its value, the values of the quarters}, all counted together."""
    queries = {
        key: (FigureQuery(figure, YEAR), FigureQuery(figure, YEAR, "quarter")) for key, figure in FIGURES.items()
    }
    results = FigureResults([query for both in queries.values() for query in both])
    return {
        key: (results.count(whole).value, [line.value for line in results.split(quarters)])
        for key, (whole, quarters) in queries.items()
    }


def test_an_intent_counts_once():
    from matching.models import FollowUp, FollowUpStep

    for closes in (False, True):
        match = make.match(status="accepted", reviewed_by=make.user(), reviewed_at=timezone.now())
        follow_up = make.follow_up(match, status="talks", next_on=DAY)
        for month in (3, 9):
            at = timezone.make_aware(timezone.datetime(2025, month, 1))
            FollowUpStep.objects.create(follow_up=follow_up, status="intent", made_at=at)
        if closes:
            FollowUp.objects.update(status="closed", closed_at=timezone.now(), closed_reason="no_deal")
    assert [line.value for line in split_figure(FIGURES["intents"], YEAR, "quarter")] == [2, 0, 0, 0]


# --- Visibility ------------------------------------------------------------------------------------------------------
def test_a_district_counts_its_own_rows_and_city_sums():
    make.institution("大连理工大学").__class__.objects.update(stat_region=make.region("gaoxin"))
    contract(buyer=make.firm(region_code="jinpu"), amount_wan=Decimal("100"))
    contract(buyer=make.firm(region_code="210283"), amount_wan=Decimal("300"))
    officer = make.district_officer("jinpu")
    mine = FigureScope(parse_period("2025"), officer)
    assert count_figure(FIGURES["absorbed"], mine).totals.total == 100
    assert count_figure(FIGURES["absorbed"], mine.whole_city()).totals.total == 400
    assert count_figure(FIGURES["absorbed"], mine.with_filter("region", make.region("210283"))).totals.total == 0
    assert not mine.may_see(FIGURES["funds"])


def test_an_institution_counts_its_own_sales():
    own, other = make.institution("大连大学"), make.institution("大连海事大学")
    contract(seller=own)
    contract(seller=other)
    mine = FigureScope(parse_period("2025"), make.institution_officer(own))
    assert value("contracts", mine) == 1
    assert mine.rows(FIGURES["contracts"]).get().seller == own


@pytest.mark.parametrize(
    "params", [{"period": "2025Q5"}, {"period": "去年"}, {"region": "nowhere"}, {"institution": "\x00"}]
)
def test_an_invalid_scope_is_rejected(params):
    with pytest.raises(ValidationError):
        parse_scope(params, None)


# --- Properties ------------------------------------------------------------------------------------------------------
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["registered", "submitted", "cancelled"]),
        st.dates(date(2024, 11, 1), date(2026, 2, 1)),
        st.none() | st.decimals(0, 10**6, places=2),
        st.sampled_from([None, "jinpu", "gaoxin", "210283"]),
        st.sampled_from([None, "jinpu", "210212"]),
        st.sampled_from([True, False, None]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=settings.default.max_examples // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_rows_and_splits_add_up_to_the_figure(rows):
    Contract.objects.all().delete()
    regions = {region.code: region for region in Region.objects.all()}
    institution, firm = make.institution(), make.firm("大连演示股份有限公司")
    for status, day, amount, sold, bought, is_local, by_institution in rows:
        contract(
            status=status,
            registered_on=day,
            cancelled_on=day if status == "cancelled" else None,
            cancelled_reason="合同解除" if status == "cancelled" else "",
            amount_wan=amount,
            tech_amount_wan=None,
            seller=institution if by_institution else firm,
            buyer=firm,
            seller_region=regions.get(sold),
            buyer_region=regions.get(bought),
            is_buyer_local=is_local,
        )
    figures = [FIGURES[key] for key in ("turnover", "contracts", "absorbed", "local_rate")]
    splits = ("region", "industry", "institution", "kind", "quarter", "month")
    together = FigureResults(FigureQuery(figure, YEAR, by) for figure in figures for by in ("", *splits))
    of_lines = {}
    for figure in figures:
        counted, behind = together.count(FigureQuery(figure, YEAR)), list(YEAR.rows(figure))
        assert sum((row.amount_wan or 0) for row in behind) == counted.totals.total or not figure.amount_field
        assert len(behind) == counted.totals.rows
        for by in splits:
            lines = together.split(FigureQuery(figure, YEAR, by))
            added = sum((line.totals for line in lines), start=type(counted.totals)())
            assert added == counted.totals, (figure.key, by)
            if by in figure.dimensions:
                of_lines |= {(figure, by, line.key if line.name != "none" else None): line.totals for line in lines}
    empty = next((line for line, totals in of_lines.items() if not totals.rows), None)
    for (figure, by, key), totals in of_lines.items():
        if totals.rows or (figure, by, key) == empty:
            assert compute_totals(figure, YEAR.with_filter(by, key).rows(figure)) == totals


def test_every_figure_splits_by_all_its_dimensions():
    """All counted together; the next test compares some with what is counted alone."""
    queries = [FigureQuery(figure, YEAR, by) for figure in FIGURES.values() for by in (*figure.dimensions, "quarter")]
    results = FigureResults(queries)
    quarters = {query.figure.key: len(results.split(query)) for query in queries if query.by == "quarter"}
    assert quarters == dict.fromkeys(FIGURES, 4)
    assert all(results.split(query) is not None for query in queries)
    assert set(TARGETS) <= set(FIGURES)


def test_combined_queries_equal_single_queries():
    """All figures with all splits together, for an institution and for a district; of those every sixth alone for each.
    `test_independent_sql` compares all that are counted together.
    """
    case, other = make_complete_case(), make_complete_case(region_code="210283")
    DealStep.objects.create(deal=other.deal, stage="registered", on=timezone.localdate())
    contract(seller=make.firm(), amount_wan=None, industry=None)
    now = FigureScope(parse_period(""))
    scopes = (now.with_filter("institution", case.institution), replace(now, user=make.district_officer("jinpu")))
    for number, scope in enumerate(scopes):
        figures = [figure for figure in FIGURES.values() if scope.may_see(figure)]
        queries = [FigureQuery(figure, scope) for figure in figures]
        queries += [FigureQuery(figure, scope, by) for figure in figures for by in (*figure.dimensions, *TIMES)]
        together = FigureResults(queries)
        for query in queries[number::6]:
            if query.by:
                assert together.split(query) == split_figure(query.figure, scope, query.by), (
                    query.figure.key,
                    query.by,
                )
            else:
                assert together.count(query) == count_figure(query.figure, scope), query.figure.key
    assert count_figure(FIGURES["turnover"], now).totals.rows == 2


def statement(rows) -> str:
    """By which these rows are read; of moments among the parameters the day."""
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    return sql + repr([str(param)[:10] for param in params])


def test_those_who_see_all_share_what_one_of_them_counted():
    """Their rows are the same, also for an officer who belongs to a firm as well: so their totals have one key."""
    both = make.city_officer()
    make.add_member(both, make.firm(), Role.FIRM, by=None)
    users = [make.city_officer(), make.auditor(), both]
    for figure in FIGURES.values():
        scopes = [FigureScope(parse_period("2026"), user) for user in users]
        assert len({statement(scope.rows(figure)) for scope in scopes}) == 1, figure.key
        assert len({FigureQuery(figure, scope).key for scope in scopes}) == 1, figure.key
    others = [make.district_officer(), make.district_officer(), make.sysadmin(), None]
    keys = {FigureQuery(FIGURES["turnover"], FigureScope(parse_period("2026"), user)).key for user in [*users, *others]}
    assert len(keys) == 1 + len(others)
