"""专项资金: from the budget to the acceptance, what each step refuses, and who reads what."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from mechanism.kpi.counting import count_figure, count_visible_figures
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES, SUBSIDIES
from mechanism.kpi.subsidy_totals import totals_of
from mechanism.models import (
    Expert,
    Policy,
    PolicyCondition,
    RelatedParties,
    SubsidyApplication,
    SubsidyBudget,
    SubsidyCall,
    SubsidyPayout,
    SubsidyRecovery,
    SubsidyReview,
)
from mechanism.services import subsidy_decisions as decisions
from mechanism.services.subsidy_applications import (
    add_subsidy_file,
    report_result,
    save_application,
    start_application,
    submit_application,
    withdraw_application,
)
from mechanism.services.subsidy_calls import cancel_call, prolong_call
from mechanism.services.subsidy_recoveries import record_recovery, strike_recovery
from mechanism.services.subsidy_reviews import give_advice, invite_subsidy_reviewers, recuse_reviewer, shown_reviews
from mechanism.subsidy_steps import steps_of
from mechanism.subsidy_terms import missing_parts
from notices.models import Notice
from open_work.sources import open_work_of
from tests import factories as make
from tests.achievements import uploads
from tests.kept_rows import kept_rows

Status = SubsidyApplication.Status
TEXTS = {
    "title": "高镍正极材料产业化",
    "content": "完成中试放大和首批供货，资金用于检测设备和第三方检测费用，已经签订合同并收到首付款。",
    "goals": "年底前批量供货 50 吨，第三方检测合格。",
}


def town(*, budget_wan: int = 100) -> SimpleNamespace:
    """A policy with a budget and an open call by contract (20 %, at most 60 万元), and two firms with contracts."""
    today = timezone.localdate()
    policy = Policy.objects.create(
        title="成果转化专项资金",
        source="公开报道",
        summary="给予支持。",
        valid_from=today - timedelta(days=400),
        published_at=timezone.now(),
    )
    budget = SubsidyBudget.objects.create(policy=policy, year=today.year, amount_wan=budget_wan, basis="预算批复")
    call = SubsidyCall.objects.create(
        budget=budget,
        title="首批申报",
        content="支持技术合同",
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=10),
        ceiling_wan=60,
        rate_percent=20,
        materials="合同复印件",
        least_reviews=2,
        status="published",
        published_at=timezone.now(),
    )
    firms, contracts = [], []
    for number in (1, 2):
        firm = make.organisation("firm", f"大连海湾{number}材料有限公司", credit_code=CODES[number - 1])
        firms.append(firm)
        contracts.append(
            make.contract(buyer=firm, buyer_name=firm.name, amount_wan=Decimal(500), tech_amount_wan=Decimal(400))
        )
    experts = [Expert.objects.create(name=f"专家{n}", unit=f"沈阳第{n}研究院") for n in "一二三"]
    return SimpleNamespace(
        policy=policy,
        budget=budget,
        call=call,
        firms=firms,
        contracts=contracts,
        officers=[make.firm_officer(firm) for firm in firms],
        city=make.city_officer(),
        second=make.city_officer(),
        experts=experts,
    )


CODES = ("91210200MA0000001U", "91210200MA0000002R")


@pytest.fixture(scope="module")
def kept_town(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield town()


@pytest.fixture
def city(db, kept_town):
    """The town of the module, read anew, so that a test changes only objects of its own."""

    def read(value):
        if isinstance(value, list):
            return [read(row) for row in value]
        return type(value).objects.get(pk=value.pk)

    return SimpleNamespace(**{name: read(value) for name, value in vars(kept_town).items()})


def draft(city, number: int = 0, *, requested: int = 60) -> SubsidyApplication:
    row = start_application(
        city.call, organisation=city.firms[number], contract=city.contracts[number], by=city.officers[number]
    )
    save_application(row, values=TEXTS | {"requested_wan": Decimal(requested)}, by=city.officers[number])
    add_subsidy_file(row, material="合同复印件", content=uploads.PDF, name="合同.pdf", by=city.officers[number])
    return row


def submitted(city, number: int = 0, **options) -> SubsidyApplication:
    row = draft(city, number, **options)
    submit_application(row, by=city.officers[number], agrees=True)
    return row


def reviewed(city, number: int = 0, **options) -> SubsidyApplication:
    row = submitted(city, number, **options)
    decisions.accept_application(row, by=city.city)
    invite_subsidy_reviewers(row, experts=city.experts[:2], by=city.city)
    for review in row.reviews.all():
        give_advice(review, advice="support", reason="材料真实，目标可以考核。", advised_wan=Decimal(50))
    return row


def publicised(city, number: int = 0, *, amount: int = 50) -> SubsidyApplication:
    row = reviewed(city, number)
    decisions.grant_application(row, amount_wan=Decimal(amount), reason="同意专家意见", by=city.second)
    return row


def granted(city, number: int = 0, *, amount: int = 50) -> SubsidyApplication:
    row = publicised(city, number, amount=amount)
    SubsidyApplication.objects.filter(pk=row.pk).update(public_until=timezone.localdate() - timedelta(days=1))
    decisions.confirm_grant(row, by=city.city)
    return row


def row_with_paid(row: SubsidyApplication) -> SubsidyApplication:
    return SubsidyApplication.objects.with_paid().get(pk=row.pk)


class TestApplying:
    def test_a_draft_is_prefilled_from_the_contract(self, city):
        row = start_application(city.call, organisation=city.firms[0], contract=city.contracts[0], by=city.officers[0])
        assert (row.title, row.basis_wan, row.requested_wan) == (city.contracts[0].name[:120], 400, 60)

    def test_the_check_says_in_words_what_is_missing_and_nothing_when_complete(self, city):
        row = start_application(city.call, organisation=city.firms[0], contract=city.contracts[0], by=city.officers[0])
        save_application(row, values={"title": "短", "requested_wan": Decimal("60.01")}, by=city.officers[0])
        words = "\n".join(missing_parts(row))
        sentences = ("项目名称", "现在有 0 个字", "验收目标", "最多 60 万元，请改小", "缺材料“合同复印件”")
        assert [sentence for sentence in sentences if sentence not in words] == []
        with pytest.raises(ValidationError, match="缺材料"):
            submit_application(row, by=city.officers[0], agrees=True)
        assert missing_parts(draft(city, 1)) == []

    def test_the_basis_is_that_of_the_contract_whatever_is_sent(self, city):
        row = draft(city, requested=50)
        save_application(row, values=TEXTS | {"requested_wan": Decimal(50), "basis_wan": 90000}, by=city.officers[0])
        submit_application(row, by=city.officers[0], agrees=True)
        assert (row.basis_wan, row.ceiling_wan) == (400, 60)
        assert {"group": "技术合同", "label": "技术交易额（万元）", "value": "400"} in row.sheet

    def test_a_contract_that_lost_its_place_in_the_turnover_cannot_be_submitted(self, city):
        row = draft(city)
        type(city.contracts[0]).objects.filter(pk=city.contracts[0].pk).update(
            status="cancelled", cancelled_on=timezone.localdate(), cancelled_reason="解除"
        )
        with pytest.raises(ValidationError, match="不计入成交额"):
            submit_application(row, by=city.officers[0], agrees=True)

    def test_a_contradicted_condition_of_the_policy_stops_it(self, city):
        PolicyCondition.objects.create(
            policy=city.policy, subject="firm", field="is_local", operator="no", value="", words="外地企业"
        )
        assert any("外地企业" in sentence for sentence in missing_parts(draft(city)))

    def test_one_contract_is_supported_once(self, city):
        row = submitted(city)
        with pytest.raises(ValidationError, match="已经用这项"):
            draft(city)
        other = SubsidyCall.objects.get(pk=city.call.pk)
        other.pk, other.public_id = None, "secondcall"
        other.save(force_insert=True)
        with pytest.raises(ValidationError, match="不能重复申报"):
            start_application(other, organisation=city.firms[0], contract=city.contracts[0], by=city.officers[0])
        withdraw_application(row, by=city.officers[0], reason="换一批申报")
        assert draft(city).status == Status.DRAFT

    def test_others_cannot_act_for_the_firm_or_take_its_contract(self, city):
        row = draft(city)
        with pytest.raises(PermissionDenied):
            start_application(city.call, organisation=city.firms[1], contract=city.contracts[0], by=city.officers[1])
        for act in (
            lambda by: submit_application(row, by=by, agrees=True),
            lambda by: save_application(row, values=TEXTS, by=by),
            lambda by: withdraw_application(row, by=by, reason="不要了"),
            lambda by: add_subsidy_file(row, material="合同复印件", content=uploads.PDF, name="a.pdf", by=by),
        ):
            for stranger in (city.officers[1], city.city):
                with pytest.raises(PermissionDenied):
                    act(stranger)

    def test_outside_the_window_or_the_audience_nobody_begins(self, city):
        SubsidyCall.objects.filter(pk=city.call.pk).update(is_local_only=True)
        city.firms[0].is_local = False
        city.call.refresh_from_db()
        with pytest.raises(ValidationError, match="不在范围内"):
            start_application(city.call, organisation=city.firms[0], contract=city.contracts[0], by=city.officers[0])
        yesterday = timezone.localdate() - timedelta(days=1)
        SubsidyCall.objects.filter(pk=city.call.pk).update(closes_on=yesterday)
        city.call.refresh_from_db()
        with pytest.raises(ValidationError, match="不接受申报"):
            start_application(city.call, organisation=city.firms[1], contract=city.contracts[1], by=city.officers[1])
        with pytest.raises(ValidationError, match="要晚于"):
            prolong_call(city.call, closes_on=yesterday, by=city.city)

    def test_a_call_with_applications_is_not_cancelled(self, city):
        submitted(city)
        with pytest.raises(ValidationError, match="不能取消"):
            cancel_call(city.call, reason="预算调整", by=city.city)

    def test_a_returned_application_is_mended_within_its_term(self, city):
        row = submitted(city)
        decisions.return_application(row, reason="合同缺签字页", by=city.city)
        SubsidyCall.objects.filter(pk=city.call.pk).update(closes_on=timezone.localdate() - timedelta(days=1))
        row.refresh_from_db()
        assert missing_parts(row) == []  # the window of the call no longer matters
        SubsidyApplication.objects.filter(pk=row.pk).update(mend_until=timezone.localdate() - timedelta(days=1))
        with pytest.raises(ValidationError, match="补正期限"):
            submit_application(row, by=city.officers[0], agrees=True)


class TestReviews:
    def test_who_has_a_tie_to_the_applicant_is_refused_with_the_reason(self, city):
        row = submitted(city)
        decisions.accept_application(row, by=city.city)
        same = Expert.objects.create(name="本单位", unit=city.firms[0].name)
        seller = Expert.objects.create(name="卖方的人", unit=city.contracts[0].seller_name)
        affiliate = make.organisation("firm", "大连关联控股有限公司")
        RelatedParties.objects.create(one=affiliate, other=city.firms[0], why="母公司")
        related = Expert.objects.create(name="母公司的人", unit="某集团", organisation=affiliate)
        for expert, why in ((same, "同一单位"), (seller, "同一单位"), (related, "关联单位")):
            with pytest.raises(ValidationError, match=f"应当回避.*{why}"):
                invite_subsidy_reviewers(row, experts=[expert], by=city.city)
        assert not row.reviews.exists()

    def test_advice_is_hidden_until_nobody_has_to_answer(self, city):
        row = submitted(city)
        decisions.accept_application(row, by=city.city)
        invite_subsidy_reviewers(row, experts=city.experts, by=city.city)
        first, second, third = row.reviews.all()
        give_advice(first, advice="oppose", reason="目标不能考核，依据不足。", advised_wan=Decimal(9))
        assert first.advised_wan is None
        assert not shown_reviews(row)
        recuse_reviewer(second, reason="与申报单位有合作")
        with pytest.raises(ValidationError, match="没有答复"):
            decisions.grant_application(row, amount_wan=Decimal(10), reason="同意", by=city.second)
        with pytest.raises(ValidationError, match="不能超过申请的 60 万元"):
            give_advice(third, advice="support", reason="材料真实，目标可考核。", advised_wan=Decimal(61))
        give_advice(third, advice="support", reason="材料真实，目标可考核。", advised_wan=Decimal(50))
        assert shown_reviews(row)
        with pytest.raises(ValidationError, match="已评审"):
            give_advice(third, advice="oppose", reason="改变了主意，不支持。", advised_wan=None)

    def test_a_decision_needs_the_reviews_of_the_call(self, city):
        row = submitted(city)
        decisions.accept_application(row, by=city.city)
        for decide in (
            lambda: decisions.grant_application(row, amount_wan=Decimal(10), reason="同意", by=city.second),
            lambda: decisions.refuse_application(row, reason="不符合", by=city.second),
        ):
            with pytest.raises(ValidationError, match="至少需要 2 位"):
                decide()


class TestDeciding:
    def test_the_accepting_officer_does_not_decide_and_the_database_knows_it(self, city):
        row = reviewed(city)
        with pytest.raises(ValidationError, match="两位专员"):
            decisions.grant_application(row, amount_wan=Decimal(10), reason="同意", by=city.city)
        fields = {"granted_wan": 10, "public_until": timezone.localdate(), "decision_reason": "x"}
        with pytest.raises(IntegrityError, match="second_officer"), transaction.atomic():
            SubsidyApplication.objects.filter(pk=row.pk).update(
                status="publicised", decided_by=city.city, decided_at=timezone.now(), **fields
            )

    def test_never_above_request_ceiling_or_budget(self, city):
        row = reviewed(city)
        with pytest.raises(ValidationError, match="最多 60 万元"):
            decisions.grant_application(row, amount_wan=Decimal("60.01"), reason="同意", by=city.second)
        decisions.grant_application(row, amount_wan=Decimal(60), reason="同意", by=city.second)
        other = reviewed(city, 1)
        with pytest.raises(ValidationError, match="预算只剩 40 万元"):
            decisions.grant_application(other, amount_wan=Decimal("40.01"), reason="同意", by=city.second)
        decisions.grant_application(other, amount_wan=Decimal(40), reason="同意", by=city.second)

    @pytest.mark.parametrize("field", ["granted_wan", "amount_wan"])
    def test_the_database_refuses_more_than_the_budget(self, city, field):
        first, other = publicised(city, amount=60), publicised(city, 1, amount=40)
        assert first.status == other.status == Status.PUBLICISED
        with pytest.raises(IntegrityError, match="subsidy_within_budget"), transaction.atomic():
            if field == "granted_wan":
                SubsidyApplication.objects.filter(pk=other.pk).update(granted_wan=50)
            else:
                SubsidyBudget.objects.filter(pk=city.budget.pk).update(amount_wan=99)

    def test_a_budget_is_not_lowered_below_its_grants(self, city, signed_in):
        publicised(city, amount=60)
        path = reverse("admin:mechanism_subsidybudget_change", args=[city.budget.pk])
        client = signed_in(city.city)
        answer = client.post(path, {"amount_wan": "59.99", "basis": "调减"})
        assert "已经支持了 60 万元" in answer.content.decode()
        assert client.post(path, {"amount_wan": "60", "basis": "调减"}).status_code == 302

    def test_an_objection_is_answered_before_the_grant_is_confirmed(self, city):
        row, reader = publicised(city), make.user()
        objection = decisions.object_to_grant(row, text="这份合同没有实际履行，请核实。", by=reader)
        with pytest.raises(ValidationError, match="还在处理中"):
            decisions.object_to_grant(row, text="再提一次同样的异议内容。", by=reader)
        with pytest.raises(ValidationError, match="公示到"):
            decisions.confirm_grant(row, by=city.city)
        SubsidyApplication.objects.filter(pk=row.pk).update(public_until=timezone.localdate() - timedelta(days=1))
        with pytest.raises(ValidationError, match="异议没有处理"):
            decisions.confirm_grant(row, by=city.city)
        with pytest.raises(ValidationError, match="不再受理异议"):
            decisions.object_to_grant(row, text="公示期过了才提的异议内容。", by=make.user())
        decisions.answer_subsidy_objection(objection, upheld=True, answer="查实没有履行", by=city.second)
        row.refresh_from_db()
        assert row.status == Status.REVOKED
        [totals] = totals_of([city.budget])
        assert (totals.committed_wan, totals.left_wan, totals.granted) == (0, 100, 0)  # the money is free again

    def test_staff_of_the_applicant_recuse(self, city):
        row = submitted(city)
        insider = make.city_officer()
        insider.memberships.create(organisation=city.firms[0], role="firm_officer")
        with pytest.raises(PermissionDenied, match="回避"):
            decisions.accept_application(row, by=type(insider).objects.get(pk=insider.pk))


class TestPayingAndChecking:
    def test_payouts_stay_within_the_grant_and_its_time(self, city):
        row, today = granted(city), timezone.localdate()
        pay = {"paid_on": today, "by": city.city}
        decisions.record_payout(row, amount_wan=Decimal(30), voucher="ZF-1", **pay)
        with pytest.raises(ValidationError, match="只有 20 万元"):
            decisions.record_payout(row, amount_wan=Decimal("20.01"), voucher="ZF-2", **pay)
        with pytest.raises(ValidationError, match="已经录入过"):
            decisions.record_payout(row, amount_wan=Decimal(5), voucher="ZF-1", **pay)
        with pytest.raises(ValidationError, match="应在立项日期"):
            early = today - timedelta(days=1)
            decisions.record_payout(row, amount_wan=Decimal(5), voucher="ZF-3", paid_on=early, by=city.city)
        with pytest.raises(IntegrityError, match="payouts_within_grant"), transaction.atomic():
            SubsidyPayout.objects.create(
                application=row, amount_wan=21, paid_on=today, voucher="X", recorded_by=city.city
            )
        decisions.strike_payout(row.payouts.get(), reason="重复录入", by=city.city)
        decisions.record_payout(row, amount_wan=Decimal(50), voucher="ZF-1", **pay)
        assert SubsidyApplication.objects.awaiting_payout().count() == 0

    def test_nothing_is_paid_before_the_grant_is_confirmed(self, city):
        row = publicised(city)
        with pytest.raises(ValidationError, match="公示中"):
            decisions.record_payout(
                row, amount_wan=Decimal(5), paid_on=timezone.localdate(), voucher="ZF-1", by=city.city
            )
        with pytest.raises(IntegrityError, match="payouts_within_grant"), transaction.atomic():
            SubsidyPayout.objects.create(
                application=row, amount_wan=5, paid_on=timezone.localdate(), voucher="X", recorded_by=city.city
            )

    def test_a_failed_project_returns_what_was_not_paid(self, city):
        row, today = granted(city), timezone.localdate()
        decisions.record_payout(row, amount_wan=Decimal(30), voucher="ZF-1", paid_on=today, by=city.city)
        report_result(row, report="供货只完成了 10 吨，其余指标没有达到，检测没有做。", by=city.officers[0])
        decisions.return_report(row, reason="请附检测报告", by=city.city)
        report_result(row, report="供货只完成了 10 吨，其余指标没有达到，检测没有做。", by=city.officers[0])
        decisions.check_result(row, passed=False, reason="没有达到验收目标", by=city.city)
        [totals] = totals_of([city.budget])
        assert (totals.granted_wan, totals.paid_wan, totals.committed_wan, totals.left_wan) == (50, 30, 30, 70)
        with pytest.raises(ValidationError, match="验收不通过"):
            decisions.record_payout(row, amount_wan=Decimal(5), voucher="ZF-2", paid_on=today, by=city.city)

    def test_paid_money_is_taken_back_by_another_officer_up_to_what_was_paid(self, city):
        row, today = granted(city), timezone.localdate()
        payout = decisions.record_payout(row, amount_wan=Decimal(30), voucher="ZF-1", paid_on=today, by=city.city)
        back = {"received_on": today, "reason": "验收前项目终止，退回余款", "by": city.second}
        with pytest.raises(ValidationError, match="交给同事"):
            record_recovery(payout, amount_wan=Decimal(5), voucher="JK-1", **back | {"by": city.city})
        with pytest.raises(PermissionDenied):
            record_recovery(payout, amount_wan=Decimal(5), voucher="JK-1", **back | {"by": city.officers[0]})
        with pytest.raises(ValidationError, match="请写明收回的原因"):
            record_recovery(payout, amount_wan=Decimal(5), voucher="JK-1", **back | {"reason": " "})
        with pytest.raises(ValidationError, match="应在拨付日期"):
            late = today + timedelta(days=1)
            record_recovery(payout, amount_wan=Decimal(5), voucher="JK-1", **back | {"received_on": late})
        first = record_recovery(payout, amount_wan=Decimal(20), voucher="JK-1", **back)
        with pytest.raises(ValidationError, match="只有 10 万元"):
            record_recovery(payout, amount_wan=Decimal("10.01"), voucher="JK-2", **back)
        for wrong in ({"amount_wan": 11}, {"amount_wan": 1, "recorded_by": city.city}):
            values = {"paid_by": city.second, "recorded_by": city.second, "voucher": "X", "reason": "x"} | wrong
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(),
            ):  # `paid_by` is that of the payout, whoever says so
                SubsidyRecovery.objects.create(payout=payout, received_on=today, **values)
        with pytest.raises(ValidationError, match="已有收回"):
            decisions.strike_payout(payout, reason="重复录入", by=city.city)
        with pytest.raises(IntegrityError, match="within_payout"), transaction.atomic():
            SubsidyPayout.objects.filter(pk=payout.pk).update(amount_wan=19)
        assert SubsidyApplication.objects.awaiting_payout().get() == row  # 20 of the grant were never paid
        [totals] = totals_of([city.budget])
        assert (totals.paid_wan, totals.recovered_wan, totals.net_wan, totals.left_wan) == (30, 20, 10, 70)
        year = FigureScope(parse_period(str(today.year)))
        counted = {key: count_figure(FIGURES[key], year).value for key in SUBSIDIES}
        assert list(counted.values()) == [100, 50, 30, 20, 10]
        assert count_visible_figures(FigureScope(year.period, make.district_officer("jinpu")), SUBSIDIES) == {}
        steps = " ".join(step.words for step in steps_of(row_with_paid(row), list(row.payouts.valid())))
        assert "收回 20 万元（验收前项目终止，退回余款）" in steps
        assert Notice.objects.filter(recipient=city.officers[0], text__contains="收回 20 万元").exists()
        SubsidyBudget.objects.filter(pk=city.budget.pk).update(amount_wan=40)
        with pytest.raises(ValidationError, match="请先调整预算"):
            strike_recovery(first, reason="录错", by=city.city)
        with pytest.raises(IntegrityError, match="within_budget"), transaction.atomic():
            SubsidyRecovery.objects.update(struck_at=timezone.now(), struck_reason="绕过")
        SubsidyBudget.objects.filter(pk=city.budget.pk).update(amount_wan=100)
        strike_recovery(first, reason="录错", by=city.city)
        assert totals_of([city.budget])[0].net_wan == 30

    @pytest.mark.long
    def test_the_page_offers_the_recovery_to_the_colleague_only(self, city, signed_in):
        row, today = granted(city), timezone.localdate()
        payout = decisions.record_payout(row, amount_wan=Decimal(30), voucher="ZF-1", paid_on=today, by=city.city)
        page, act = (reverse(f"admin:mechanism_subsidy_{name}", args=[row.public_id]) for name in ("page", "step"))
        assert "录入收回" not in signed_in(city.city).get(page).content.decode()
        client = signed_in(city.second)
        assert "录入收回" in client.get(page).content.decode()
        data = {"step": "recover", "recover-payout": payout.pk, "recover-amount_wan": "31"}
        data |= {"recover-received_on": str(today), "recover-voucher": "JK-1", "recover-reason": "未使用部分退回"}
        assert client.post(act, data).status_code == 422
        assert client.post(act, data | {"recover-amount_wan": "12.5"}).status_code == 302
        assert SubsidyRecovery.objects.get().amount_wan == Decimal("12.50")
        assert "未使用部分退回" in client.get(page).content.decode()

    def test_totals_count_each_contract_once(self, city):
        first = granted(city)
        seller = city.contracts[0].seller or make.institution()
        type(city.contracts[0]).objects.filter(pk=city.contracts[0].pk).update(seller=seller)
        twin = SubsidyApplication.objects.get(pk=first.pk)
        twin.pk, twin.public_id, twin.organisation, twin.granted_wan = None, "twinofone1", seller, Decimal(20)
        twin.save(force_insert=True)
        [totals] = totals_of([city.budget])
        assert (totals.granted, totals.granted_wan, totals.contracts, totals.contract_wan) == (2, 70, 1, 500)


class TestPages:
    @pytest.mark.long
    def test_the_applicant_goes_through_all_steps(self, city, signed_in):
        """The pages of the applicant and of the office, from the call to the acceptance."""
        client = signed_in(city.officers[0])
        start = reverse("subsidy_call", args=[city.call.public_id])
        answer = client.post(start, {"unit": city.firms[0].public_id, "contract": city.contracts[0].public_id})
        row = SubsidyApplication.objects.get()
        page, step = reverse("subsidy", args=[row.public_id]), reverse("subsidy_step", args=[row.public_id])
        assert answer.url == page
        assert "还差" in client.get(page).content.decode()
        client.post(step, TEXTS | {"requested_wan": "60", "step": "save"})
        refused = client.post(step, {"step": "submit", "agrees": "yes"})
        assert refused.status_code == 422
        assert "缺材料“合同复印件”" in refused.content.decode()
        file = SimpleUploadedFile("合同.pdf", uploads.PDF)
        client.post(step, {"step": "file", "material": "合同复印件", "file": file})
        assert client.post(step, {"step": "submit", "agrees": "yes"}).status_code == 302

        office = signed_in(city.city)
        desk = reverse("admin:mechanism_subsidy_page", args=[row.public_id])
        act = reverse("admin:mechanism_subsidy_step", args=[row.public_id])
        assert "合同.pdf" in office.get(desk).content.decode()
        assert office.post(act, {"step": "accept"}).status_code == 302
        tied = Expert.objects.create(name="本单位", unit=city.firms[0].name)
        listed = office.get(desk).content.decode()
        assert "应当回避" in listed
        assert office.post(act, {"step": "invite", "invite-experts": [tied.pk]}).status_code == 422
        office.post(act, {"step": "invite", "invite-experts": [expert.pk for expert in city.experts[:2]]})
        for review in SubsidyReview.objects.all():
            path = reverse("subsidy_review", args=[review.code])
            given = {"step": "advise", "advice": "support", "advised_wan": "40", "reason": "目标可以考核，同意支持。"}
            assert "第三方检测" in client.get(path).content.decode()
            assert client.post(path, given).status_code == 302
            assert "第三方检测" not in client.get(path).content.decode()  # closed once answered
        second = signed_in(city.second)
        wanted = {"step": "grant", "grant-amount_wan": "40", "grant-reason": "同意专家意见"}
        assert second.post(act, wanted).status_code == 302
        seen = signed_in(city.officers[0]).get(page).content.decode()
        assert "拟支持 40 万元" in seen
        assert "专家一" not in seen  # the applicant learns no reviewer
        public = client.get(reverse("subsidy_publicity")).content.decode()
        assert city.firms[0].name in public
        policy = client.get(reverse("policy_detail", args=[city.policy.public_id])).content.decode()
        assert "支持 1 项、40 万元" in policy
        assert "背后有技术合同" not in policy
        assert "背后有技术合同" in second.get(reverse("policy_detail", args=[city.policy.public_id])).content.decode()

    @pytest.mark.long
    def test_nobody_reads_the_application_of_another(self, city, signed_in):
        row = submitted(city)
        file = row.files.get()
        paths = [reverse("subsidy", args=[row.public_id]), reverse("subsidy_file", args=[file.public_id])]
        desk = reverse("admin:mechanism_subsidy_page", args=[row.public_id])
        for stranger in (city.officers[1], make.district_officer(), make.institution_officer()):
            client = signed_in(stranger)
            assert [client.get(path).status_code for path in paths] == [404, 404]
            assert client.get(desk).status_code in (302, 403)
            assert row.title not in client.get(reverse("subsidies")).content.decode()
        auditor = signed_in(make.auditor())
        assert auditor.get(desk).status_code == 200
        assert b"".join(auditor.get(paths[1])).startswith(b"%PDF")
        act = reverse("admin:mechanism_subsidy_step", args=[row.public_id])
        assert auditor.post(act, {"step": "accept"}).status_code == 403
        assert SubsidyApplication.objects.managed_by(city.city).filter(pk=row.pk).exists()
        assert not SubsidyApplication.objects.managed_by(city.city).filter(pk=draft(city, 1).pk).exists()

    def test_the_code_of_an_ended_invitation_opens_nothing(self, city, client):
        row = submitted(city)
        decisions.accept_application(row, by=city.city)
        invite_subsidy_reviewers(row, experts=city.experts[:1], by=city.city)
        review = row.reviews.get()
        path = reverse("subsidy_review_file", args=[review.code]) + f"?id={row.files.get().public_id}"
        assert b"".join(client.get(path)).startswith(b"%PDF")
        SubsidyReview.objects.update(status="released", reason="换人")
        assert client.get(path).status_code == 404
        assert client.get(reverse("subsidy_review", args=[review.code])).status_code == 404

    @pytest.mark.long
    def test_open_work_follows_the_steps(self, city):
        def waiting(user):
            return {work.key for work in open_work_of(user) if work.rows.exists() and work.key.startswith("subsid")}

        row = draft(city)
        assert waiting(city.officers[0]) == {"subsidy-drafts"}
        assert waiting(city.city) == set()
        submit_application(row, by=city.officers[0], agrees=True)
        assert (waiting(city.officers[0]), waiting(city.city)) == (set(), {"subsidies-submitted"})
        decisions.accept_application(row, by=city.city)
        assert waiting(city.second) == {"subsidies-reviewing"}
        invite_subsidy_reviewers(row, experts=city.experts[:2], by=city.city)
        for review in row.reviews.all():
            give_advice(review, advice="support", reason="材料真实，目标可以考核。", advised_wan=Decimal(50))
        works = {work.key: work for work in open_work_of(city.city)}
        assert works["subsidies-to-decide"].is_watched  # the accepting officer does not decide
        assert waiting(city.second) == {"subsidies-to-decide"}
        decisions.grant_application(row, amount_wan=Decimal(50), reason="同意", by=city.second)
        SubsidyApplication.objects.filter(pk=row.pk).update(public_until=timezone.localdate() - timedelta(days=1))
        assert waiting(city.city) == {"subsidies-to-confirm"}
        decisions.confirm_grant(row, by=city.city)
        assert waiting(city.city) == {"subsidies-to-pay"}
        assert waiting(city.officers[0]) == {"subsidies-to-report"}
