"""What decisions about cases do, and when a case opens again."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum

from audit.models import AuditRecord
from deals.models import Contract, Payment
from integrity.models import Case, Ownership, SignalRule
from integrity.services.decisions import Verdict, decide_case, expected_changes
from integrity.services.scanning import scan, scan_if_changed
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from tests import factories as make

pytestmark = pytest.mark.django_db
REASON = "两份合同编号不同，原件是同一份。"


@pytest.fixture
def officer(db):
    return make.city_officer(name="吴核查")


@pytest.fixture
def duplicates(db):
    """Two contracts with the same terms, and their case."""
    seller, buyer = make.institution("大连重复大学"), make.firm("大连重复买方有限公司")
    contracts = [make.contract(seller=seller, buyer=buyer, amount_wan=Decimal(700)) for _number in range(2)]
    scan()
    return contracts, Case.objects.get(signal="same_terms")


def turnover() -> Decimal:
    return Contract.objects.turnover().aggregate(total=Sum("amount_wan"))["total"] or Decimal(0)


def rows_of(case, *contracts) -> list[int]:
    return list(case.rows.filter(contract__in=contracts).values_list("pk", flat=True))


def decide(case, outcome, by, rows=(), reason=REASON, **more):
    case.refresh_from_db()
    return decide_case(case, Verdict(outcome, reason, rows, **more), revision=case.revision, by=by)


def test_an_excluded_contract_counts_nowhere_until_a_second_decision(duplicates, officer):
    (_first, second), case = duplicates
    foretold = {row.label: (row.before, row.after) for row in expected_changes(case, "excluded", rows_of(case, second))}

    decision = decide(case, "excluded", officer, rows_of(case, second))

    assert (turnover(), count_figure(FIGURES["contracts"], FigureScope(year_period(date.today().year))).value) == (
        700,
        1,
    )
    assert foretold[f"{date.today().year}年登记技术合同"] == ("2 份", "1 份")
    assert [label for label, before, after in decision.figures] == [
        label for label, (before, after) in foretold.items() if before != after
    ]
    assert not Contract.objects.awaiting_turnover().exists()
    assert AuditRecord.objects.filter(action="决定诚信线索", actor=officer).count() == 1

    decide(case, "unfounded", officer, reason="第二份是补充协议，另有原件。")

    assert turnover() == 1400
    assert [row.outcome for row in case.decisions.all()] == ["unfounded", "excluded"]


def test_a_related_contract_counts_and_stands_in_the_part(duplicates, officer):
    (first, _second), case = duplicates

    decide(case, "related", officer, rows_of(case, first))

    value = count_figure(FIGURES["turnover"], FigureScope(year_period(date.today().year)))
    assert value.totals.total == 1400
    assert value.totals.parts["related"].total == 700


def test_a_contract_with_the_own_company_stands_in_the_part_without_a_decision(db):
    owner, company = make.institution("大连持股大学"), make.firm("大连资产经营有限公司")
    Ownership.objects.create(owner=owner, owned=company, share=100, source="公示系统")
    make.contract(seller=owner, buyer=company, amount_wan=Decimal(90))
    make.contract(seller=owner, amount_wan=Decimal(10), tech_amount_wan=None)

    totals = count_figure(FIGURES["turnover"], FigureScope(year_period(date.today().year))).totals

    assert (totals.total, totals.parts["related"].total) == (100, 90)


def test_an_excluded_payment_is_no_money(officer):
    deal = make.deal(signed_wan=Decimal(100), stage="signed")
    payments = [
        make.confirmed(Payment.objects.create(deal=deal, amount_wan=80, received_on=date.today()))
        for _number in range(2)
    ]
    assert Payment.objects.received().count() == 2
    scan()
    case = Case.objects.get(signal="overpaid")

    decide(case, "excluded", officer, list(case.rows.filter(payment=payments[1]).values_list("pk", flat=True)))

    assert list(Payment.objects.received()) == [payments[0]]


def test_changed_facts_open_the_case_again_and_keep_what_was_excluded(duplicates, officer):
    (first, second), case = duplicates
    decide(case, "excluded", officer, rows_of(case, second))

    Contract.objects.filter(pk__in=[first.pk, second.pk]).update(amount_wan=Decimal("700.01"))  # a trivial change
    done = scan()

    case.refresh_from_db()
    assert (case.status, case.is_reopened, done.opened) == ("open", True, 0)
    assert second not in Contract.objects.turnover()
    decide(case, "unfounded", officer)
    scan()
    case.refresh_from_db()
    assert case.status == "decided"


def test_a_dismissed_case_opens_again_when_its_facts_change(duplicates, officer):
    (first, _second), case = duplicates
    decide(case, "unfounded", officer)
    scan()
    case.refresh_from_db()
    assert case.status == "decided"

    make.contract(seller=first.seller, buyer=first.buyer, amount_wan=Decimal(700))
    scan()

    case.refresh_from_db()
    assert (case.status, case.rows.count()) == ("open", 3)


def test_a_case_without_a_finding_is_gone_and_comes_back(duplicates):
    (_first, second), case = duplicates
    Contract.objects.filter(pk=second.pk).update(amount_wan=800)
    scan()
    case.refresh_from_db()
    assert case.status == "gone"

    Contract.objects.filter(pk=second.pk).update(amount_wan=700)
    scan()

    case.refresh_from_db()
    assert (case.status, Case.objects.count()) == ("open", 1)


@pytest.mark.parametrize(
    ("outcome", "reason", "correction", "words"),
    [
        ("excluded", "重复", "", "写 6 到 500 个字"),
        ("excluded", REASON, "", "针对哪些合同或到账"),
        ("corrected", REASON, "更正了金额", "还没有更正的记录"),
        ("made-up", REASON, "", "请选择决定"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(duplicates, officer, outcome, reason, correction, words):
    with pytest.raises(ValidationError, match=words):
        decide(duplicates[1], outcome, officer, reason=reason, correction=correction)


def test_of_two_officers_who_read_the_same_page_the_second_is_told(duplicates, officer):
    (_first, second), case = duplicates
    seen = case.revision
    decide(case, "excluded", officer, rows_of(case, second))

    with pytest.raises(ValidationError, match="刚有变化"):
        decide_case(case, Verdict("unfounded", REASON), revision=seen, by=make.city_officer())

    assert turnover() == 700


def test_who_wrote_or_represents_does_not_decide(duplicates, officer):
    (first, _second), case = duplicates
    partner, district = make.city_officer(), make.district_officer()
    make.add_member(partner, first.buyer, "firm_officer", by=None)
    AuditRecord.objects.create(
        actor=officer, action="认定登记技术合同", object_type="deals.contract", object_id=str(first.pk)
    )
    for user, words in (
        (officer, "由您登记"),
        (partner, "您代表"),
        (district, "由市级专员"),
        (make.auditor(), "由市级专员"),
    ):
        with pytest.raises(PermissionDenied, match=words):
            decide(case, "unfounded", user)


def test_a_scan_runs_only_if_the_trail_has_something_new(duplicates, officer):
    scan()
    assert scan_if_changed() is None  # its own records are no news

    AuditRecord.objects.create(actor=officer, action="记录到账", object_type="deals.deal", object_id="1")

    assert scan_if_changed() is not None


def test_a_signal_that_is_off_leaves_its_cases_alone(duplicates):
    SignalRule.objects.filter(signal="same_terms").update(is_active=False)

    scan()

    assert Case.objects.get().status == "open"
