"""A closed month keeps its figures: what was checked is signed, what changes later is restated with a reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import AuditRecord
from deals.models import Contract
from deals.services.contracts import cancel_contract
from mechanism.closing.authentic import authentic_of_month
from mechanism.closing.differences import find_differences
from mechanism.closing.sealing import is_published_intact, prove
from mechanism.models import FigureVersion, FrozenFigure, FrozenRow, Restatement
from mechanism.services.closing import Reasons, check_month, sign_version, withdraw_check
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.mechanism.closing.closed_city import DECEMBER, YEAR, build_city, close

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def closed(django_db_setup, django_db_blocker):
    """The city and the signed version of last year, built once: each test leaves them as they were."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        city.version = close(city)
        yield city
        transaction.set_rollback(True)


@pytest.fixture
def city(closed, db):
    closed.version = FigureVersion.objects.get(pk=closed.version.pk)
    return closed


def reasons(city) -> Reasons:
    return Reasons(rest="登记部门补报", digest=find_differences(city.version).digest)


def cancel(city, number: int = 0) -> Contract:
    contract = Contract.objects.get(pk=city.contracts[number].pk)
    cancel_contract(contract, on=timezone.localdate(), reason="双方协商解除", by=city.checker)
    return contract


def value(version: FigureVersion, figure: str, by: str = "", name: str = "", span: str = "year") -> Decimal:
    return FrozenFigure.objects.get(version=version, span=span, figure=figure, by=by, name=name).value


# --- What is frozen --------------------------------------------------------------------------------------------------
def test_frozen_values_and_rows_are_those_that_sql_counts(city):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT region.code, sum(amount_wan), count(*) FROM deals_contract"
            " JOIN accounts_region AS region ON region.id = seller_region_id"
            " WHERE registered_on BETWEEN %s AND %s GROUP BY 1",
            (date(YEAR, 1, 1), date(YEAR, 12, 31)),
        )
        by_region = {code: (total, number) for code, total, number in cursor.fetchall()}
    assert len(by_region) == 2
    for code, (total, number) in by_region.items():
        frozen = FrozenFigure.objects.get(version=city.version, span="year", figure="turnover", by="region", name=code)
        assert (frozen.total, frozen.rows) == (total, number)
    whole = sum(total for total, _number in by_region.values())
    assert value(city.version, "turnover") == (whole / 10000).quantize(Decimal("0.0001"))
    december = [contract.amount_wan for contract in city.contracts if contract.registered_on.month == 12]
    assert value(city.version, "turnover", span="month") * 10000 == sum(december)
    assert value(city.version, "turnover", "month", f"{YEAR}-12") == value(city.version, "turnover", span="month")
    rows = FrozenRow.objects.filter(version=city.version, row_set="turnover")
    assert sorted(rows.values_list("object_id", flat=True)) == sorted(contract.pk for contract in city.contracts)
    assert rows.get(object_id=city.contracts[0].pk).facts["amount_wan"] == 1000.00
    assert {"version", "formula"} <= city.version.definitions["turnover"].keys()
    assert city.version.row_count == FrozenRow.objects.filter(version=city.version).count()


def test_a_version_proves_itself(city):
    proof = prove(city.version)
    assert proof.is_intact
    assert proof.is_sealed
    assert is_published_intact(city.version)


def test_the_steps_are_in_the_audit_trail(city):
    entries = AuditRecord.objects.filter(object_type="mechanism.figureversion", object_id=str(city.version.pk))
    assert list(entries.order_by("pk").values_list("action", "actor")) == [
        ("核对月结", city.checker.pk),
        ("签发月结", city.signer.pk),
    ]


# --- Later changes ---------------------------------------------------------------------------------------------------
def test_a_cancelled_contract_and_a_raised_fund_are_restatements_and_the_signed_figure_stays(city):
    before = value(city.version, "turnover")
    contract = cancel(city)
    city.fund.subscribed_wan += 5000
    city.fund.save()  # counts from today on; that it was raised last year is learnt later
    assert {record.model for record in find_differences(city.version).records} == {"deals.contract"}
    city.fund.sizes.create(from_on=date(YEAR, 6, 1), subscribed_wan=55000, paid_in_wan=0)
    differences = find_differences(city.version)
    kinds = {(record.model, change.kind) for record in differences.records for change in record.changes}
    assert kinds == {("deals.contract", "went"), ("mechanism.fund", "changed")}
    moved = {difference.figure.key: difference.difference for difference in differences.values}
    assert moved["turnover"] == -(contract.amount_wan / 10000)
    assert moved["funds"] == Decimal("0.5")
    assert value(city.version, "turnover") == before
    again = close(city, note="补报", reasons=reasons(city))
    assert again.number == 2
    assert value(again, "turnover") == before - contract.amount_wan / 10000
    assert not find_differences(again)
    fund = Restatement.objects.get(version=again, row_set="funds")
    assert (fund.before["subscribed_then_wan"], fund.after["subscribed_then_wan"]) == ("50000.00", "55000.00")
    assert authentic_of_month(DECEMBER).version == again


def test_a_late_registration_comes_into_a_closed_month(city):
    late = make.contract(seller=city.seller, registered_on=date(YEAR, 3, 3), tech_amount_wan=None)
    records = find_differences(city.version).records
    assert {(record.object_id, change.kind) for record in records for change in record.changes} == {(late.pk, "came")}


def test_a_moved_district_changes_a_row_but_not_the_total(city):
    Contract.objects.filter(pk=city.contracts[0].pk).update(seller_region=make.region("jinpu"))
    differences = find_differences(city.version)
    assert [
        change.kind for record in differences.records for change in record.changes if change.row_set == "turnover"
    ] == ["changed"]
    assert not differences.values


def test_a_restatement_needs_a_reason_for_each_record_and_the_differences_that_were_seen(city):
    cancel(city)
    complete = reasons(city)
    wrong = [({"rest": ""}, "请写明原因"), ({"rest": "\u200b \u202e"}, "请写明原因"), ({"digest": ""}, "又有变化")]
    for changes, message in wrong:
        with pytest.raises(ValidationError, match=message):
            check_month(DECEMBER, by=city.checker, note="补报", reasons=replace(complete, **changes))


def test_without_a_difference_nothing_is_restated(city):
    with pytest.raises(ValidationError, match="没有差异"):
        check_month(DECEMBER, by=city.checker, note="补报", reasons=reasons(city))


def test_the_next_month_explains_what_changed_in_the_months_before_it(city):
    """The first version of a month is compared with the month before it, which has no gap to hide in."""
    year = YEAR - 1
    contract = make.contract(seller=city.seller, registered_on=date(year, 3, 3), tech_amount_wan=None)
    november = close(city, f"{year}-11")
    cancel_contract(contract, on=timezone.localdate(), reason="双方协商解除", by=city.checker)
    with pytest.raises(ValidationError, match="又有变化"):
        check_month(f"{year}-12", by=city.checker)
    digest = find_differences(november).digest
    december = close(city, f"{year}-12", reasons=Reasons(rest="补报", digest=digest))
    assert (december.number, december.previous) == (1, november)
    assert december.restatements.filter(kind="went", object_id=contract.pk).exists()
    with pytest.raises(ValidationError, match="不能再补做"):
        check_month(f"{year}-10", by=city.checker)


# --- Who and when ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="class")
def checked(closed, django_db_blocker):
    with kept_rows(django_db_blocker):
        cancel(closed)
        yield check_month(DECEMBER, by=closed.checker, note="补报", reasons=reasons(closed)).pk


class TestChecked:
    """A contract is cancelled, and the month checked again."""

    @pytest.fixture
    def version(self, checked, city) -> FigureVersion:
        return FigureVersion.objects.get(pk=checked)

    def test_who_checks_does_not_sign(self, city, version):
        with pytest.raises(ValidationError, match="不能是同一个人"):
            sign_version(version, by=city.checker, content_hash=version.content_hash)
        with pytest.raises(IntegrityError, match="checked_and_signed_by_two"), transaction.atomic():
            FigureVersion.objects.filter(pk=version.pk).update(
                status="signed", signed_by=city.checker, signed_at=timezone.now(), office="局", seal="x"
            )

    def test_what_changed_after_the_check_is_not_signed_until_it_is_checked_again(self, city, version):
        cancel(city, 1)
        with pytest.raises(ValidationError, match="核对以后有 1 条记录变了"):
            sign_version(version, by=city.signer, content_hash=version.content_hash)
        with pytest.raises(ValidationError, match="已经核对"):
            check_month(DECEMBER, by=city.checker, note="补报", reasons=reasons(city))
        withdraw_check(version, by=city.checker)
        assert not FrozenRow.objects.filter(version=version).exists()
        with pytest.raises(ValidationError, match="已由核对人撤回"):
            sign_version(version, by=city.signer, content_hash=version.content_hash)
        assert close(city, note="补报", reasons=reasons(city)).number == 2

    def test_a_checked_version_keeps_its_contents(self, city, version):
        with pytest.raises(DatabaseError, match="月结"), transaction.atomic():
            FigureVersion.objects.filter(pk=version.pk).update(public_report={})
        with pytest.raises(DatabaseError, match="月结"), transaction.atomic():
            FrozenRow.objects.filter(version=version)._raw_delete("default")


def test_other_roles_neither_check_nor_sign(city):
    for user in (make.auditor(), make.district_officer(), make.sysadmin(), make.institution_officer()):
        with pytest.raises(PermissionDenied):
            check_month(DECEMBER, by=user)
        with pytest.raises(PermissionDenied):
            sign_version(city.version, by=user, content_hash=city.version.content_hash)


def test_a_signed_version_is_not_withdrawn(city):
    with pytest.raises(ValidationError, match="已由签发人签发"):
        withdraw_check(city.version, by=city.checker)


@pytest.mark.parametrize("month", ["2026", "2026Q1", "1999-01", "2999-12", "二〇二六", ""])
def test_only_ended_months_are_closed(city, month):
    with pytest.raises(ValidationError):
        check_month(month, by=city.checker)


# --- Frozen in the database ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mechanism_frozenfigure SET value = 1",
        "UPDATE mechanism_frozenrow SET facts = '{{}}'",
        "UPDATE mechanism_figureversion SET public_report = '{{}}'",
        "UPDATE mechanism_figureversion SET status = 'checked', signed_by_id = NULL, signed_at = NULL, seal = ''",
        "DELETE FROM mechanism_frozenrow",
        "DELETE FROM mechanism_figureversion",
        "TRUNCATE mechanism_frozenrow",
        "TRUNCATE mechanism_figureversion CASCADE",
        "INSERT INTO mechanism_frozenrow (version_id, row_set, object_id, facts, fingerprint)"
        " VALUES ({pk}, 'turnover', -1, '{{}}', 'x')",
        "INSERT INTO mechanism_restatement (version_id, row_set, object_id, kind, reason)"
        " VALUES ({pk}, 'turnover', -1, 'came', '补')",
    ],
)
def test_sql_cannot_change_what_is_signed(city, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="月结"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(pk=city.version.pk))


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("UPDATE mechanism_frozenrow SET facts = facts || '{\"amount_wan\": 9999999}'", "are_rows_intact"),
        ("DELETE FROM mechanism_frozenrow WHERE row_set = 'turnover'", "are_rows_intact"),
        ("UPDATE mechanism_frozenfigure SET value = value + 1", "are_values_intact"),
        ("UPDATE mechanism_figureversion SET public_report = '{}'", "is_content_intact"),
        ("UPDATE mechanism_figureversion SET office = '别的单位'", "is_sealed"),
        ("UPDATE mechanism_figureversion SET signed_at = signed_at + interval '1 day'", "is_sealed"),
    ],
)
def test_who_switches_off_the_triggers_is_detected(city, statement, lost):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
    city.version.refresh_from_db()
    assert not getattr(prove(city.version), lost)
