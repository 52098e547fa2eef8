"""Changes of a past figure: record, time, user and the value before."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from audit.services import record
from deals.models import Contract
from mechanism.kpi.counting import count_figure
from mechanism.kpi.figure_changes import find_figure_changes
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from tests import factories as make

pytestmark = pytest.mark.django_db
YEAR = FigureScope(parse_period("2024"))
DAY = date(2024, 6, 30)


def contract(**fields) -> Contract:
    return make.contract(**{"registered_on": DAY, "tech_amount_wan": None} | fields)


def changed(key="turnover", scope=YEAR):
    return find_figure_changes(FIGURES[key], scope, timezone.now() - timedelta(hours=1))


def alter(row: Contract, by, *, cancelled_reason="", **new) -> None:
    row.refresh_from_db()
    old = {name: getattr(row, name) for name in new}
    changes = {name: [None if old[name] is None else str(old[name]), str(value)] for name, value in new.items()}
    Contract.objects.filter(pk=row.pk).update(cancelled_reason=cancelled_reason, **new)
    Contract.objects.filter(pk=row.pk).update(official_hash=F("list_hash"))  # as a corrected list states it
    record("更正合同", row, by=by, changes=changes)


def test_no_changes():
    contract()
    assert changed().changes == ()
    assert changed().before == 100


def test_rows_without_a_trail_are_told_and_explain_the_difference():
    """A row of the past that came in without an audit record: by a migration, or before there was a trail."""
    contract(registered_on=date(2024, 2, 1), amount_wan=Decimal(40))
    contract(amount_wan=Decimal(60))
    traced = contract(amount_wan=Decimal(5))
    record("登记名单导入", traced, by=make.city_officer(), changes={"number": [None, traced.number]})
    since = timezone.make_aware(datetime(2024, 3, 1))
    result = find_figure_changes(FIGURES["turnover"], YEAR, since)
    assert (result.untraced, result.untraced_sum) == (1, 60)
    assert [change.effect for change in result.changes] == [5]
    assert (result.now, result.before) == (105, 40)


def test_a_change_is_told_in_words():
    row = contract(amount_wan=Decimal(100))
    alter(row, make.city_officer(), amount_wan=Decimal(150), registered_on=date(2024, 7, 1))
    ((_entry, lines),) = changed().changes[0].lines
    assert sorted(lines) == ["合同成交额：100 万元 → 150 万元", "登记日期：2024年6月30日 → 2024年7月1日"]


def test_a_corrected_amount():
    officer = make.city_officer(name="柳映川")
    row = contract(amount_wan=Decimal("100"))
    contract(amount_wan=Decimal("50"))
    alter(row, officer, amount_wan=Decimal("80"))
    alter(row, officer, amount_wan=Decimal("250"))
    result = changed()
    (change,) = result.changes
    assert (change.record, change.effect, change.is_counted) == (row.name, 150, True)
    assert [entry.actor_name for entry in change.entries] == ["柳映川", "柳映川"]
    assert (result.now, result.before) == (300, 150)
    assert changed("contracts").before == 2


def test_a_contract_cancelled_later():
    row = contract(amount_wan=Decimal("70"))
    alter(row, make.city_officer(), status="cancelled", cancelled_on=DAY, cancelled_reason="合同解除")
    result = changed()
    assert [(change.effect, change.is_counted) for change in result.changes] == [(-70, False)]
    assert (count_figure(FIGURES["turnover"], YEAR).totals.total, result.before) == (0, 70)
    assert changed("contracts").before == 1


def test_a_contract_registered_later():
    row = contract(status="submitted", amount_wan=Decimal("70"))
    alter(row, make.city_officer(), status="registered")
    assert changed().before == 0


def test_a_contract_imported_later():
    row = contract(amount_wan=Decimal("70"))
    record("登记名单导入", row, by=make.city_officer(), changes={"number": [None, row.number]})
    result = changed()
    assert [(change.effect, change.is_counted) for change in result.changes] == [(70, True)]
    assert result.before == 0


def test_a_date_moved_to_another_year():
    row = contract(amount_wan=Decimal("70"))
    alter(row, make.city_officer(), registered_on=date(2025, 1, 2))
    assert changed().before == 70
    assert changed(scope=FigureScope(parse_period("2025"))).before == 0


def test_labels_are_understood_and_unreadable_dates_give_no_value():
    row = contract(amount_wan=Decimal("70"))
    record("修改", row, by=make.city_officer(), changes={"status": ["已提交登记", "已认定登记"]})
    assert changed().before == 0
    record("修改", row, by=make.city_officer(), changes={"registered_on": ["六月", "2024-06-30"]})
    assert changed().before is None


def test_changes_outside_the_scope_are_hidden():
    row = contract(buyer=make.firm(region_code="210283"), seller=make.firm(region_code="210283"))
    alter(row, make.city_officer(), amount_wan=Decimal("80"))
    mine = FigureScope(parse_period("2024"), make.district_officer("jinpu"))
    assert changed("turnover", mine).changes == ()


def test_changes_of_other_fields_are_ignored():
    row = contract()
    record("修改", row, by=make.city_officer(), changes={"name": ["旧名", "新名"]})
    assert changed().changes == ()
