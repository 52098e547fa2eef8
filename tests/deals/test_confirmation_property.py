"""Random orders of steps by everybody: no figure counts a record without each party's own present word.

What the parties said is kept here as they said it, and compared with the raw columns; neither the stored answers nor
the hashes are read.
"""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.services.source_files import store_source_file
from deals.models import Confirmation, Contract, Deal, Payment
from deals.services.confirmations import confirm, object_to
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract, edit_contract, register_contract, submit_contract
from deals.services.deal_parts import Upload, receive_payment, strike_payment
from deals.services.deals import advance_deal, correct_deal, fail_deal, sign_deal
from deals.services.evidence_checks import check_payment
from deals.services.objections import decide_objection
from deals.services.outside_deals import open_outside_deal
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from tests import factories as make
from tests.achievements import uploads
from tests.deals.contract_lists import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.long]
MODELS = {"deals.deal": Deal, "deals.contract": Contract, "deals.payment": Payment}
FACTS = {
    Deal: ("name", "seller_id", "buyer_id", "intent_wan", "signed_wan", "way", "licence", "exclusive_from"),
    Contract: ("name", "kind", "seller_name", "buyer_name", "seller_id", "buyer_id", "amount_wan", "signed_on"),
    Payment: ("deal_id", "amount_wan", "received_on"),
}
STATED = ("number", "name", "kind", "seller_name", "buyer_name", "amount_wan", "signed_on", "registered_on")
FIGURES_OF = {Deal: ("intent_money", "signed"), Contract: ("turnover",), Payment: ("paid",)}
ACTORS = ("seller", "buyer", "city", "city2", "district", "stranger")
WORDS = ("yes", "yes", "yes", "no")
BY_ACTOR, ALONE = ("pay", "correct", "draft", "submit"), ("sign", "back", "fail", "strike", "check", "register", "list")
STEPS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(ACTORS), st.sampled_from(WORDS), st.integers(0, 5)),
    st.tuples(st.sampled_from(BY_ACTOR), st.sampled_from(ACTORS), st.integers(1, 3)),
    st.tuples(st.sampled_from((*ALONE, "rewrite", "decide")), st.integers(1, 3)),
)


def ago(days: int):
    return timezone.localdate() - timedelta(days=days)


class City:
    """One deal and everybody who may touch it. `said`: (record, side) → (yes or no, the facts it was said of)."""

    def __init__(self):
        self.organisations = {"seller": make.institution("大连理工大学"), "buyer": make.firm("大连示例轴承有限公司")}
        self.people = {
            "seller": make.institution_officer(self.organisations["seller"]),
            "buyer": make.firm_officer(self.organisations["buyer"]),
            "city": make.city_officer(),
            "city2": make.city_officer(),
            "district": make.district_officer("jinpu"),
            "stranger": make.firm_officer(),
        }
        self.answers: dict = {}
        self.stated: dict = {}
        self.checked: dict = {}
        self.deal = self.by("seller", open_outside_deal, name="联合研发", intent_wan=Decimal(50), on=ago(20),
                            **self.organisations)  # fmt: skip

    def by(self, actor, service, *args, **values):
        """Call a service; what a party writes itself about a new record it has said."""
        before = {label: set(model.objects.values_list("pk", flat=True)) for label, model in MODELS.items()}
        result = service(*args, by=self.people[actor], **values)
        for label, model in MODELS.items():
            for row in model.objects.exclude(pk__in=before[label]):
                if actor in self.organisations and model is not Contract:
                    self.answers[label, row.pk, actor] = "yes", facts(row)
        return result

    def step(self, step):
        """Refused steps change nothing."""
        self.deal.refresh_from_db()
        verb, *rest = step
        with suppress(PermissionDenied, ValidationError):
            getattr(self, f"do_{verb}")(*rest)

    def do_answer(self, actor, word, number):
        current = list(Confirmation.objects.current().order_by("-pk"))
        if not current:
            return
        row = current[number % len(current)]
        person = self.people[actor]
        record = MODELS[row.subject].objects.get(pk=row.subject_id)
        if word == "yes":
            confirm(row, by=person)
        else:
            object_to(row, reason="amount", text="金额不是这样的", by=person)
        self.answers[row.subject, row.subject_id, actor] = word, facts(record)

    def do_sign(self, number):
        sign_deal(self.deal, on=ago(10), signed_wan=Decimal(100 * number), way="service", by=self.people["city"])

    def do_correct(self, actor, number):
        """Who corrects says so, like an author."""
        self.by(actor, correct_deal, self.deal, intent_wan=Decimal(50 + number))
        if actor in self.organisations:
            self.deal.refresh_from_db()
            self.answers["deals.deal", self.deal.pk, actor] = "yes", facts(self.deal)

    def do_back(self, _number):
        advance_deal(self.deal, "intent", on=ago(1), note="重新谈", by=self.people["city"])

    def do_fail(self, _number):
        fail_deal(self.deal, reason="other", note="不做了", on=ago(1), by=self.people["district"])

    def do_pay(self, actor, number):
        voucher = Upload("回单.pdf", uploads.PDF + str(number).encode())
        self.by(actor, receive_payment, self.deal, amount_wan=Decimal(number), received_on=ago(1), voucher=voucher)

    def do_check(self, _number):
        """The registration office looks at the payment as it stands."""
        if payment := Payment.objects.filter(struck_at=None).first():
            check_payment(payment, accept=True, text="", by=self.people["city2"])
            self.checked[payment.pk] = facts(payment)

    def do_strike(self, _number):
        if payment := Payment.objects.first():
            strike_payment(payment, reason="记错了", by=self.people["city"])

    def do_draft(self, actor, _number):
        edit_contract(self.by(actor, draft_contract, self.deal), kind="development", by=self.people[actor])

    def do_submit(self, actor, number):
        if contract := Contract.objects.filter(status="preparing").first():
            submit_contract(contract, by=self.people[actor])
            row = Confirmation.objects.of(contract).current().filter(role=actor, status="confirmed").first()
            if row is not None and row.capacity == "author":
                self.answers["deals.contract", contract.pk, actor] = "yes", facts(contract)

    def do_register(self, number):
        if contract := Contract.objects.exclude(status="registered").first():
            values = {"registered_on": ago(1), "amount_wan": Decimal(100 * number), "by": self.people["city"]}
            register_contract(contract, number=make.registration_number(number, on=ago(1)), **values)

    def do_list(self, number):
        row = {"登记编号": make.registration_number(number, on=ago(1)), "合同成交额（万元）": str(100 * number),
               "技术交易额（万元）": "80", "签订日期": str(ago(10)), "登记日期": str(ago(1))}  # fmt: skip
        file = store_source_file("contracts", content=workbook(row), name="名单.xlsx", by=self.people["city"])
        import_contracts(file, by=self.people["city"])
        contract = Contract.objects.get(number=row["登记编号"])
        self.stated[contract.pk] = stated(contract)

    def do_rewrite(self, number):
        """A script changes a sum without a service."""
        model = (Deal, Contract, Payment)[number - 1]
        model.objects.update(**{"intent_wan" if model is Deal else "amount_wan": Decimal(777)})

    def do_decide(self, number):
        if row := Confirmation.objects.filter(objected_at__isnull=False, decision="").first():
            decide_objection(row, upheld=number == 1, text="已核对合同原件", by=self.people["city2"])
            if number != 1:
                self.answers.pop((row.subject, row.subject_id, row.role), None)  # it no longer stands in the way

    def may_count(self, model, pk) -> bool:
        """Both sides said yes to the present columns, or the office's list states them and nobody objects."""
        row, label = model.objects.get(pk=pk), model._meta.label_lower
        words = [self.answers.get((label, pk, side)) for side in self.organisations]
        if any(word is not None and word[0] == "no" for word in words):
            return False
        if model is Contract and self.stated.get(pk) == stated(row):
            return True
        if model is Payment and self.checked.get(pk) != facts(row):
            return False
        if model is Payment and not self.may_count(Deal, row.deal_id):
            return False
        return all(word == ("yes", facts(row)) for word in words)


def facts(row) -> tuple:
    phase = (row.stage if row.stage in ("intent", "failed") else "signed",) if isinstance(row, Deal) else ()
    row = type(row).objects.get(pk=row.pk)
    return phase + tuple(getattr(row, name) for name in FACTS[type(row)])


def stated(contract) -> tuple:
    return tuple(getattr(Contract.objects.get(pk=contract.pk), name) for name in STATED)


def counted(model) -> set[int]:
    scope = FigureScope(parse_period(str(timezone.localdate().year)))
    return {pk for key in FIGURES_OF[model] for pk in scope.rows(FIGURES[key]).values_list("pk", flat=True)}


def test_nothing_counts_without_each_partys_own_word():
    city = City()
    answers_at_first = dict(city.answers)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(steps=st.lists(STEPS, min_size=3, max_size=8))
    def holds_in_any_order(steps):
        with transaction.atomic():
            city.answers, city.stated, city.checked = dict(answers_at_first), {}, {}
            for step in steps:
                city.step(step)
                for model in FIGURES_OF:
                    wrong = {pk for pk in counted(model) if not city.may_count(model, pk)}
                    assert not wrong, (step, model, wrong, city.answers)
            transaction.set_rollback(True)

    holds_in_any_order()


def test_the_property_is_not_empty():
    """One order in which deal, contract and payment all come to count."""
    city = City()
    city.step(("answer", "buyer", "yes", 0))
    assert counted(Deal) == {city.deal.pk}
    city.step(("sign", 1))
    for actor in ("seller", "buyer"):
        for number in range(2):
            city.step(("answer", actor, "yes", number))
    city.step(("draft", "seller", 1))
    city.step(("register", 1))
    city.step(("pay", "seller", 2))
    city.step(("check", 1))
    for actor in ("seller", "buyer"):
        for number in range(8):
            city.step(("answer", actor, "yes", number))
    assert counted(Contract) and counted(Payment) and counted(Deal)
    assert all(city.may_count(model, pk) for model in FIGURES_OF for pk in counted(model))
