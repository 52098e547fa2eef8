"""Steps of the office on the page of an application for 专项资金: one form each."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.forms import ServiceForm
from mechanism.forms.subsidies import amount, text_area
from mechanism.models import (
    Expert,
    SubsidyApplication,
    SubsidyObjection,
    SubsidyPayout,
    SubsidyRecovery,
    SubsidyReview,
)
from mechanism.services import subsidy_decisions as decisions
from mechanism.services.subsidy_recoveries import record_recovery, strike_recovery
from mechanism.services.subsidy_reviews import (
    find_subsidy_recusal_reasons,
    invite_subsidy_reviewers,
    release_reviewer,
)
from mechanism.subsidy_words import day_text
from taxonomy.money import wan_text

Status = SubsidyApplication.Status


class StepForm(ServiceForm):
    """`step`: value of the submit button; `heading`, `button`: of its section; `done`: success message."""

    step = ""
    heading = ""
    button = ""
    button_class = "btn btn-p"
    note = ""
    done = ""

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.application, self.by = application, by


class AcceptForm(StepForm):
    step, heading, button, done = "accept", "受理", "受理", "已受理，请邀请专家评审。"
    note = "材料齐全、符合通知要求的，受理后进入评审。受理人不能再作决定，由同事决定。"

    def _save(self, values: dict[str, Any]) -> None:
        decisions.accept_application(self.application, by=self.by)


class ReturnForm(StepForm):
    step, heading, button, done = "return", "退回补正", "退回补正", "已退回，申报单位有 5 个工作日补正。"
    button_class = "btn"
    reason = text_area("要补正什么", "写清楚哪一项、怎么改")

    def _save(self, values: dict[str, Any]) -> None:
        decisions.return_application(self.application, reason=values["reason"], by=self.by)


class InviteForm(StepForm):
    step, heading, button, done = "invite", "邀请专家", "邀请", "已邀请。请把下面各自的网址发给专家。"
    button_class = "btn"
    experts = forms.ModelMultipleChoiceField(
        Expert.objects.none(), label="评审专家", widget=forms.CheckboxSelectMultiple,
        help_text="应当回避的不在名单里，原因列在下面",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        asked = self.application.reviews.values("expert")
        experts = Expert.objects.filter(is_active=True).exclude(pk__in=asked).select_related("organisation")
        reasons = {expert: find_subsidy_recusal_reasons(expert, self.application) for expert in experts}
        self.recused = [(expert, "；".join(why)) for expert, why in reasons.items() if why]
        # A crafted post may name any expert; the service answers it with the reason.
        shown = [expert.pk for expert, why in reasons.items() if not why or self.is_bound]
        self.fields["experts"].queryset = Expert.objects.filter(pk__in=shown)  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        invite_subsidy_reviewers(self.application, experts=list(values["experts"]), by=self.by)


class ReleaseForm(StepForm):
    step, heading, button, done = "release", "撤销邀请", "撤销邀请", "已撤销邀请。"
    button_class = "btn btn-no"
    review = forms.ModelChoiceField(SubsidyReview.objects.none(), label="没有答复的专家", empty_label=None)
    reason = text_area("原因", rows=2, longest=300)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        waiting = self.application.reviews.filter(status=SubsidyReview.Status.ASKED).select_related("expert")
        self.fields["review"].queryset = waiting  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        release_reviewer(values["review"], reason=values["reason"], by=self.by)


class GrantForm(StepForm):
    step, heading, button, done = "grant", "决定支持并公示", "支持并公示", "已决定并开始公示。"
    amount_wan = amount("支持金额（万元）")
    reason = text_area("理由", "申报单位会看到")

    def _save(self, values: dict[str, Any]) -> None:
        decisions.grant_application(
            self.application, amount_wan=values["amount_wan"], reason=values["reason"], by=self.by
        )


class RefuseForm(StepForm):
    step, heading, button, done = "refuse", "不予支持", "不予支持", "已决定不予支持。"
    button_class = "btn btn-no"
    reason = text_area("理由", "申报单位会看到")

    def _save(self, values: dict[str, Any]) -> None:
        decisions.refuse_application(self.application, reason=values["reason"], by=self.by)


class AnswerObjectionForm(StepForm):
    step, heading, button, done = "answer", "处理异议", "处理", "已处理异议。"
    note = "成立的，撤销支持，金额退回预算；不成立的，公示继续。"
    objection = forms.ModelChoiceField(SubsidyObjection.objects.none(), label="异议", empty_label=None)
    upheld = forms.ChoiceField(
        label="结论", choices=[("no", "不成立"), ("yes", "成立，撤销支持")], widget=forms.RadioSelect
    )
    answer = text_area("处理意见")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        waiting = self.application.objections.filter(status=SubsidyObjection.Status.OPEN)
        self.fields["objection"].queryset = waiting  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        decisions.answer_subsidy_objection(
            values["objection"], upheld=values["upheld"] == "yes", answer=values["answer"], by=self.by
        )


class ConfirmForm(StepForm):
    step, heading, button, done = "confirm", "确认立项", "确认立项", "已立项，可以拨付。"
    note = "公示期满、没有未处理的异议时确认。"

    def _save(self, values: dict[str, Any]) -> None:
        decisions.confirm_grant(self.application, by=self.by)


class PayoutForm(StepForm):
    step, heading, button, done = "pay", "录入拨付", "录入拨付", "已录入拨付。"
    amount_wan = amount("拨付金额（万元）")
    paid_on = forms.DateField(
        label="拨付日期", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    voucher = forms.CharField(label="支付凭证号", max_length=60)

    def _save(self, values: dict[str, Any]) -> None:
        paid_on: date = values["paid_on"]
        decisions.record_payout(
            self.application, amount_wan=values["amount_wan"], paid_on=paid_on, voucher=values["voucher"], by=self.by
        )


class StrikeForm(StepForm):
    step, heading, button, done = "strike", "划去录错的拨付", "划去", "已划去。"
    button_class = "btn btn-no"
    payout = forms.ModelChoiceField(SubsidyPayout.objects.none(), label="哪一笔", empty_label=None)
    reason = text_area("原因", rows=2, longest=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        recovered = SubsidyRecovery.objects.valid().filter(payout__application=self.application)
        rows = self.application.payouts.valid().exclude(recoveries__in=recovered)
        self.fields["payout"].queryset = rows  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        decisions.strike_payout(values["payout"], reason=values["reason"], by=self.by)


class RecoverForm(StepForm):
    step, heading, button, done = "recover", "收回拨付", "录入收回", "已录入收回，金额退回当年预算。"
    button_class = "btn btn-no"
    note = "由拨付录入人以外的同事录入。收回的钱退回当年预算，不再拨付给这个项目；申报单位会收到消息。"
    payout = forms.ModelChoiceField(SubsidyPayout.objects.none(), label="哪一笔拨付", empty_label=None)
    amount_wan = amount("收回金额（万元）")
    received_on = forms.DateField(
        label="到账日期", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    voucher = forms.CharField(label="缴款凭证号", max_length=60)
    reason = text_area("收回原因", "申报单位会看到", rows=2, longest=300)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        payouts = self.application.payouts.valid().exclude(recorded_by=self.by)
        field = self.fields["payout"]
        field.queryset = payouts  # type: ignore[attr-defined]
        field.label_from_instance = _payout_label  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        record_recovery(**values, by=self.by)


def _payout_label(payout: SubsidyPayout) -> str:
    return f"{day_text(payout.paid_on)} {wan_text(payout.amount_wan)} 万元（{payout.voucher}）"


class StrikeRecoveryForm(StepForm):
    step, heading, button, done = "strike_recovery", "划去录错的收回", "划去", "已划去。"
    button_class = "btn btn-no"
    recovery = forms.ModelChoiceField(SubsidyRecovery.objects.none(), label="哪一笔", empty_label=None)
    reason = text_area("原因", rows=2, longest=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = SubsidyRecovery.objects.valid().filter(payout__application=self.application)
        self.fields["recovery"].queryset = rows  # type: ignore[attr-defined]

    def _save(self, values: dict[str, Any]) -> None:
        strike_recovery(values["recovery"], reason=values["reason"], by=self.by)


class CheckForm(StepForm):
    step, heading, button, done = "check", "验收", "记下验收结果", "已记下验收结果。"
    result = forms.ChoiceField(
        label="结果", choices=[("pass", "验收通过"), ("fail", "验收不通过，不再拨付")], widget=forms.RadioSelect
    )
    reason = text_area("验收意见", "对照验收目标逐条写，申报单位会看到")

    def _save(self, values: dict[str, Any]) -> None:
        decisions.check_result(self.application, passed=values["result"] == "pass", reason=values["reason"], by=self.by)


class ReturnReportForm(StepForm):
    step, heading, button, done = "report_back", "退回验收申请", "退回", "已退回，申报单位补充后再申请。"
    button_class = "btn"
    reason = text_area("要补充什么")

    def _save(self, values: dict[str, Any]) -> None:
        decisions.return_report(self.application, reason=values["reason"], by=self.by)


STEPS: dict[str, type[StepForm]] = {
    form.step: form
    for form in (
        *(AcceptForm, ReturnForm, InviteForm, ReleaseForm, GrantForm, RefuseForm, AnswerObjectionForm),
        *(ConfirmForm, PayoutForm, StrikeForm, CheckForm, ReturnReportForm, RecoverForm, StrikeRecoveryForm),
    )
}
DECISIONS = ("grant", "refuse")
"""For a second officer, not for the one who accepted the application."""
CORRECTIONS = ("recover", "strike", "strike_recovery")
OF_STATUS: dict[str, tuple[str, ...]] = {
    Status.SUBMITTED: ("accept", "return"),
    Status.REVIEW: ("invite", "release", "grant", "refuse"),
    Status.PUBLICISED: ("answer", "confirm"),
    Status.GRANTED: ("pay", *CORRECTIONS),
    Status.REPORTED: ("check", "report_back", "pay", *CORRECTIONS),
    Status.PASSED: ("pay", *CORRECTIONS),
    Status.FAILED: CORRECTIONS,
}


def available_subsidy_steps(application: SubsidyApplication, user: User) -> list[str]:
    """Names of the steps that the user can take in the present state."""
    if not user.has_perm("mechanism.decide_subsidy"):
        return []
    names = list(OF_STATUS.get(application.status, ()))
    recoveries = SubsidyRecovery.objects.valid().filter(payout__application=application)
    waiting: dict[str, QuerySet] = {
        "release": application.reviews.filter(status=SubsidyReview.Status.ASKED),
        "answer": application.objections.filter(status=SubsidyObjection.Status.OPEN),
        "recover": application.payouts.valid().exclude(recorded_by=user),
        "strike": application.payouts.valid().exclude(recoveries__in=recoveries),
        "strike_recovery": recoveries,
    }
    if application.accepted_by_id == user.pk:
        names = [name for name in names if name not in DECISIONS]
    return [name for name in names if name not in waiting or waiting[name].exists()]
