"""Kept totals are those of now: whatever is written, by whichever transaction, before or while they are counted."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.origin import origin
from deals.models import Contract, FigureEffect
from deals.models.figure_effect import AssumedEffects, assuming
from mechanism.kpi import row_counting
from mechanism.kpi.compiled_statements import CompiledStatements
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.kept_totals import KEPT_FOR, forget_old
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.series import new_since, series_of
from mechanism.models import Fund, Investment, RateRule, RelatedParties
from tests import factories as make
from tests.mechanism.kpi.seeded_city import seed_city

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def queries(user=None) -> list[FigureQuery]:
    scope = FigureScope(parse_period("2026"), user)
    figures = [figure for figure in FIGURES.values() if scope.may_see(figure)]
    whole = [FigureQuery(figure, scope) for figure in figures]
    splits = [FigureQuery(figure, scope, by) for figure in figures for by in figure.dimensions]
    dated = [series_of(figure, scope) for figure in figures]
    dated += [new_since(figure, scope, timezone.localdate() - timedelta(days=400)) for figure in figures]
    return [*whole, *splits, *dated]


def totals(queries: list[FigureQuery], *, may_be_kept: bool = True) -> dict:
    results = FigureResults(queries, may_be_kept=may_be_kept)
    return {
        (query.figure.key, query.by, query.day, query.scope.user): {
            str(value)[:10]: counted for value, counted in results.split_totals(query).items()
        }
        for query in queries
    }


def compile_anew(monkeypatch) -> None:
    monkeypatch.setattr(row_counting, "compiled_before", CompiledStatements(row_counting.COMPILED_STATEMENTS))


def statements(queries: list[FigureQuery]) -> int:
    """How many statements count rows."""
    with CaptureQueriesContext(connection) as captured:
        FigureResults(queries)
    return sum("AS base" in query["sql"] for query in captured)


def turnover() -> list[FigureQuery]:
    return [FigureQuery(FIGURES["turnover"], FigureScope(parse_period("2026")))]


def amount() -> object:
    return FigureResults(turnover()).count(turnover()[0]).totals.total


def reprice(contract: Contract, amount: int) -> None:
    """As a list of the registration office states it, so that it still counts."""
    Contract.objects.filter(pk=contract.pk).update(amount_wan=amount, tech_amount_wan=None)
    Contract.objects.filter(pk=contract.pk).update(official_hash=F("list_hash"))


def writes(city) -> dict:
    """One change of each kind that moves figures."""
    contract = Contract.objects.turnover().filter(registered_on__year=2026, is_seller_local=True).order_by("pk").first()
    today = timezone.localdate()
    institution, related = city.institutions[:2]
    return {
        "an amount": lambda: reprice(contract, 1),
        "a buyer": lambda: Contract.objects.filter(pk=contract.pk).update(seller=F("buyer"), buyer=F("seller")),
        "a relation": lambda: make.confirmed(
            RelatedParties.objects.create(one=institution, other=related, why="股东相同")
        ),
        "a decision": lambda: FigureEffect.objects.create(contract=contract, effect="excluded"),
        "a rule": lambda: RateRule.objects.create(valid_from=today, basis="number"),
        "a fund": lambda: Fund.objects.update(subscribed_wan=F("subscribed_wan") + 77),
        "an institution": lambda: type(institution).objects.filter(pk=institution.pk).update(is_local=False),
        "a deletion": lambda: Investment.objects.all().delete(),
        "an import": lambda: make.contract(amount_wan=120),
    }


def moves(city) -> dict:
    """Changes of contracts within and between years, of deals with several contracts, of status, region and number."""
    rows = list(Contract.objects.turnover().filter(is_seller_local=True).order_by("registered_on", "pk"))
    old, new = rows[0], rows[-1]
    of_deals = Contract.objects.turnover().filter(is_seller_local=True).exclude(deal=None).exclude(pk=old.pk)
    in_deal = of_deals.order_by("registered_on", "pk").first()
    regions = Contract.objects.exclude(seller_region=None).values_list("seller_region", flat=True).distinct()

    def change(row: Contract, **values) -> None:
        Contract.objects.filter(pk=row.pk).update(**values)
        Contract.objects.filter(pk=row.pk).exclude(official_hash="").update(official_hash=F("list_hash"))

    return {
        "to this year": lambda: change(old, registered_on=new.registered_on),
        "back": lambda: change(old, registered_on=old.registered_on),
        "cancelled": lambda: change(
            new, status="cancelled", cancelled_on=timezone.localdate(), cancelled_reason="解除"
        ),
        "another region": lambda: change(old, seller_region=next(pk for pk in regions if pk != old.seller_region_id)),
        "an earlier one of a deal": lambda: change(in_deal, amount_wan=1, tech_amount_wan=None),
        "out of the deal": lambda: change(in_deal, deal=None),
        "into the deal": lambda: change(old, deal=in_deal.deal_id),
        "deleted": lambda: Contract.objects.filter(pk=old.pk).delete(),
    }


@pytest.fixture
def city():
    """The seeded city. Its industries would stay, because those of the migrations do."""
    with origin("测试"):
        yield seed_city()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM taxonomy_industry WHERE slug LIKE 'seeded%'")
        cursor.execute("SET session_replication_role = DEFAULT")


def test_kept_totals_follow_every_write_and_are_not_counted_twice(city, monkeypatch):
    district = make.district_officer("jinpu")
    seller = make.institution_officer(city.institutions[0])
    by_reader = {reader: queries(reader) for reader in (None, district, seller)}
    everything = [query for asked in by_reader.values() for query in asked]
    assert totals(everything) == totals(everything, may_be_kept=False)
    assert statements(everything) == 0, "each figure, split and series can be kept"
    moved = set()
    for number, (what, write) in enumerate(writes(city).items()):
        asked = by_reader[None] + by_reader[(district, seller)[number % 2]]
        both = [query for query in asked if not query.by or query.figure.key in ("turnover", "local_rate")]
        before = totals(both)
        write()
        after = totals(both)
        moved |= {what} if after != before else set()
        assert after == totals(both, may_be_kept=False), what
        assert statements(both) == 0, what
    assert moved >= {"an amount", "a buyer", "a decision", "a fund", "an import"}
    compile_anew(monkeypatch)
    assert after == totals(both, may_be_kept=False), "no statement depends on the rows of when it was compiled"


def test_a_contract_touches_the_totals_of_its_years_only(city, monkeypatch):
    scopes = [FigureScope(parse_period(name)) for name in ("2024", "2025", "2026", "2026Q2")]
    figures = [FIGURES[key] for key in ("turnover", "local_rate", "absorbed", "contracts")]
    asked = [FigureQuery(figure, scope, by) for figure in figures for scope in scopes for by in ("", "region", "month")]
    asked += [series_of(figure, scopes[2]) for figure in figures]
    asked += [FigureQuery(figure, scopes[2], "year", with_parts=False) for figure in figures]
    by_scope = [[query for query in asked if query.scope == scope and query.by in ("", "region")] for scope in scopes]
    kept_only(asked)
    moved = set()
    for what, write in moves(city).items():
        before = kept_only(asked)
        write()
        after = kept_only(asked)
        assert after == totals_of_rows(asked), what
        moved |= {what} if after != before else set()
        assert statements(asked) == 0, what
    assert moved >= {"to this year", "back", "cancelled", "another region", "deleted"}
    with monkeypatch.context() as patch:
        compile_anew(patch)
        assert after == totals_of_rows(asked)
    Contract.objects.filter(registered_on__year=2026, deal=None, status="registered").update(name="改了名称")
    assert [statements(part) > 0 for part in by_scope] == [False, False, True, True]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_contract SET name = name WHERE false")
    assert statements(by_scope[2]) == 0, "no row was changed"


def totals_of_rows(asked: list[FigureQuery]) -> list:
    results = FigureResults(asked, may_be_kept=False)
    return [_sorted(results.split_totals(query)) for query in asked]


def kept_only(asked: list[FigureQuery]) -> list:
    results = FigureResults(asked)
    return [_sorted(results.split_totals(query)) for query in asked]


def _sorted(by_value: dict) -> list:
    return sorted((str(value)[:10], counted) for value, counted in by_value.items())


def test_a_change_that_commits_while_others_count_is_seen_by_the_next(monkeypatch):
    contract = make.contract(amount_wan=100)
    old, count = amount(), row_counting._count
    writer = connection.copy()
    try:
        writer.set_autocommit(False)
        with writer.cursor() as cursor:
            cursor.execute("UPDATE deals_contract SET amount_wan = 900, tech_amount_wan = NULL")
            cursor.execute("UPDATE deals_contract SET official_hash = list_hash")
        assert amount() == old  # not committed
        assert statements(turnover()) == 0
        writer.commit()
        assert amount() == old + 800
    finally:
        writer.close()

    def count_while_somebody_writes(wanted, **options):
        counted = count(wanted, **options)
        reprice(contract, 300)
        return counted

    reprice(contract, 200)
    with monkeypatch.context() as patch:
        patch.setattr(row_counting, "_count", count_while_somebody_writes)
        assert amount() == old + 100
    assert amount() == old + 200


def test_own_writes_assumptions_and_old_totals():
    contract = make.contract(amount_wan=100)
    old = amount()
    with transaction.atomic():
        reprice(contract, 500)
        assert amount() == old + 400
        assert amount() == old + 400
        transaction.set_rollback(True)
    assert amount() == old
    with assuming(AssumedEffects(excluded_contracts=frozenset({contract.pk}))):
        assert amount() == old - 100
    assert amount() == old
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mechanism_kepttotals SET kept_at = %s", [timezone.now() - KEPT_FOR])
        assert statements(turnover()) == 1, "older than they are kept"
        cursor.execute("UPDATE mechanism_kepttotals SET kept_at = %s", [timezone.now() - KEPT_FOR])
        cursor.execute("UPDATE mechanism_sourcechange SET changed_at = now() - interval '3 days'")
        forget_old()
        for table in ("mechanism_kepttotals", "mechanism_sourcechange"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
