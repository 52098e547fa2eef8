"""Steps of the firm, the district and the city on the page of a call: one form each, which calls one service."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from challenges.forms.terms import moment, text_area
from challenges.models import Bid, Challenge, ChallengeObjection, ChallengeQuestion
from challenges.permissions import owns_challenge
from challenges.services import drafting, ending, milestone_payments, opening, publication, results
from core.forms import ServiceForm, model_choice
from deals.models import Deal
from demands.permissions import manages

Status = Challenge.Status


class StepForm(ServiceForm):
    """`step`: value of the submit button; `heading`, `button`: of its section; `done`: success message."""

    step = ""
    heading = ""
    button = ""
    button_class = "btn btn-p"
    note = ""
    done = ""

    def __init__(self, *args, challenge: Challenge, by: User, **kwargs) -> None:
        super().__init__(*args, prefix=self.step, **kwargs)
        self.challenge, self.by = challenge, by


class SubmitForm(StepForm):
    step, heading, button, done = "submit", "提交核对", "同意并提交", "已提交，区县核对后由市里发榜。"
    agrees = forms.BooleanField(
        label="同意按这些条款公开发榜；知道开标以后公开企业名称，发布以后条款不能改、截止只能延后", required=False
    )

    def _save(self, values: dict[str, Any]) -> None:
        drafting.submit_challenge(self.challenge, agrees=values["agrees"], by=self.by)


class CloseForm(StepForm):
    step, heading, button, done = "close", "撤榜", "撤榜", "已撤榜。"
    button_class = "btn btn-no"
    note = "撤榜以后需求转为长期跟踪，继续参加匹配；以后可以再发榜。"
    reason = text_area("原因", "已经发布的榜单，原因会公开", rows=2, longest=300)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.challenge.published_at is None:
            self.note = "这份榜单不再办理，需求不变；以后可以再发榜。"
            self.fields["reason"].help_text = ""

    def _save(self, values: dict[str, Any]) -> None:
        ending.close_challenge(self.challenge, reason=values["reason"], by=self.by)


class ApproveForm(StepForm):
    step, heading, button, done = "approve", "核对通过", "核对通过", "已核对，请市里发布。"
    note = "指标能不能考核、验收写清没有、条件是否公平、付款合计是否 100%。核对人不能再发布。"

    def _save(self, values: dict[str, Any]) -> None:
        drafting.approve_challenge(self.challenge, by=self.by)


class ReturnForm(StepForm):
    step, heading, button, done = "return", "退回修改", "退回", "已退回企业修改。"
    button_class = "btn"
    reason = text_area("要改什么", "企业会看到", rows=2, longest=300)

    def _save(self, values: dict[str, Any]) -> None:
        drafting.return_challenge(self.challenge, reason=values["reason"], by=self.by)


class PublishForm(StepForm):
    step, heading, button, done = "publish", "发榜", "发榜", "已发榜，榜单号已编好。"
    note = "发布时编榜单号。发布以后条款不能改，变动发补充公告，截止只能延后。"

    def _save(self, values: dict[str, Any]) -> None:
        drafting.publish_challenge(self.challenge, by=self.by)


class AddendumForm(StepForm):
    step, heading, button, done = "addendum", "补充公告、延期", "发布", "已发布，并通知了所有在写方案的单位。"
    button_class = "btn"
    text = text_area("公告内容")
    closes_at = moment("新的截止时间", "不延期就不填；只能延后", required=False)

    def _save(self, values: dict[str, Any]) -> None:
        publication.add_addendum(self.challenge, text=values["text"], closes_at=values["closes_at"], by=self.by)


class AnswerForm(StepForm):
    step, heading, button, done = "answer", "答复提问", "公开答复", "已答复，问答都公开在榜单页。"
    question = forms.ModelChoiceField(ChallengeQuestion.objects.none(), label="问题", empty_label=None)
    answer = text_area("答复", "会公开，不要写联系方式和能认出人的内容")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        model_choice(self, "question").queryset = self.challenge.questions.waiting()

    def _save(self, values: dict[str, Any]) -> None:
        publication.answer_question(values["question"], answer=values["answer"], by=self.by)


class AskOpeningForm(StepForm):
    step, heading, button, done = "ask_opening", "发起开标", "发起开标", "已发起，请另一位专员或企业一起开标。"
    note = "开标要两个人：您发起以后，由另一位市级专员或发榜企业的人点“一起开标”。开标以前谁都看不到方案。"

    def _save(self, values: dict[str, Any]) -> None:
        opening.ask_opening(self.challenge, by=self.by)


class OpenForm(StepForm):
    step, heading, button, done = "open", "一起开标", "一起开标", "已开标。"
    note = "全部方案一起打开，只开一次；记录里写明发起的人和您。开标以后就能看到方案。"

    def _save(self, values: dict[str, Any]) -> None:
        opening.open_bids(self.challenge, by=self.by)


class ExcludeForm(StepForm):
    step, heading, button, done = "exclude", "取消揭榜资格", "取消资格", "已取消，并告知了揭榜单位。"
    button_class = "btn btn-no"
    bid = forms.ModelChoiceField(Bid.objects.none(), label="哪一份方案", empty_label=None)
    reason = text_area("原因", "揭榜单位会看到，如与发榜企业有持股关系", rows=2, longest=300)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = model_choice(self, "bid")
        field.queryset = (
            Bid.objects.in_race().filter(challenge=self.challenge, excluded_reason="").select_related("lead")
        )
        field.label_from_instance = _lead_of  # type: ignore[method-assign]

    def _save(self, values: dict[str, Any]) -> None:
        results.record_bid_exclusion(values["bid"], reason=values["reason"], by=self.by)


def _lead_of(bid: Bid) -> str:
    return str(bid.lead)


class FailForm(StepForm):
    step, heading, button, done = "fail", "按流标结束", "流标", "已按流标结束，需求转为长期跟踪，可以再发榜。"
    button_class = "btn btn-no"
    reason = text_area("原因", "会公开", rows=2, longest=300)

    def _save(self, values: dict[str, Any]) -> None:
        ending.fail_challenge(self.challenge, reason=values["reason"], by=self.by)


class ChooseForm(StepForm):
    step, heading, button, done = "choose", "选定揭榜方", "选定并公示", "已选定，结果开始公示。"
    note = "在专家推荐的方案里选定。结果和理由会公示。"
    bid = forms.ModelChoiceField(Bid.objects.none(), label="揭榜方", empty_label=None, widget=forms.RadioSelect)
    reason = text_area("理由", "会公开")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = model_choice(self, "bid")
        field.queryset = Bid.objects.to_choose_from(self.challenge).select_related("lead").order_by("-score")
        field.label_from_instance = _lead_and_score  # type: ignore[method-assign]

    def _save(self, values: dict[str, Any]) -> None:
        results.choose_winner(self.challenge, bid=values["bid"], reason=values["reason"], by=self.by)


def _lead_and_score(bid: Bid) -> str:
    return f"{bid.lead}（{bid.score} 分）"


class ObjectionAnswerForm(StepForm):
    step, heading, button, done = "objection", "处理异议", "处理", "已处理异议。"
    note = "成立的，撤销结果，由企业在其余推荐的方案里重新选定；不成立的，公示继续。"
    objection = forms.ModelChoiceField(ChallengeObjection.objects.none(), label="异议", empty_label=None)
    upheld = forms.ChoiceField(
        label="结论", choices=[("no", "不成立"), ("yes", "成立，撤销结果")], widget=forms.RadioSelect
    )
    answer = text_area("处理意见", "提出人会看到")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        model_choice(self, "objection").queryset = self.challenge.objections.waiting()

    def _save(self, values: dict[str, Any]) -> None:
        results.answer_objection(
            values["objection"], upheld=values["upheld"] == "yes", answer=values["answer"], by=self.by
        )


class AwardForm(StepForm):
    step, heading, button, done = "award", "确认揭榜方", "确认", "已确认，企业和揭榜方可以签约。"
    note = "公示期满、没有未处理的异议时确认。"

    def _save(self, values: dict[str, Any]) -> None:
        results.confirm_award(self.challenge, by=self.by)


class RevokeForm(StepForm):
    step, heading, button, done = "revoke", "撤销结果", "撤销结果", "已撤销结果，并告知了揭榜单位和企业。"
    button_class = "btn btn-no"
    note = (
        "揭榜单位不能继续，或者成交项目已记为未成时办理。这份方案不再参与，由企业在其余推荐的方案里重新选定；"
        "没有其他推荐方案的，再按流标结束。"
    )
    reason = text_area("原因", "企业和揭榜单位会看到", rows=2, longest=300)

    def _save(self, values: dict[str, Any]) -> None:
        results.revoke_result(self.challenge, reason=values["reason"], by=self.by)


class SignForm(StepForm):
    step, heading, button, done = "sign", "签约立项", "建立成交项目", "已建立成交项目，请双方确认后签约、登记合同。"
    note = (
        "榜单的指标、榜金和里程碑会带进成交项目，意向金额按揭榜方案的报价填好。双方签约以后，由区县或市科技部门在成交项目里记录签约；"
        "合同登记、按里程碑付款和验收也都在成交项目里办。"
    )

    def _save(self, values: dict[str, Any]) -> None:
        ending.sign_challenge(self.challenge, by=self.by)


class AgainForm(StepForm):
    step, heading, button, done = "again", "再发榜", "用这些条款起草新的一榜", "已起草新的一榜，请改好再提交。"

    def _save(self, values: dict[str, Any]) -> None:
        self.challenge = ending.start_again(self.challenge, by=self.by)


class PlanPaymentsForm(StepForm):
    step, heading, button = "plan_payments", "按里程碑建立付款计划", "建立付款计划"
    done = "已按里程碑建立付款计划，每一期对应一个里程碑。"
    note = "应付日期按签订日期加里程碑的月数，金额按里程碑的比例，建立以后可以在合同页面调整。"

    def _save(self, values: dict[str, Any]) -> None:
        milestone_payments.plan_milestones(self.challenge, by=self.by)


class TiePaymentsForm(StepForm):
    """A choice for each milestone that is paid for."""

    step, heading, button, done = "tie_payments", "里程碑对应哪一期付款", "保存对应关系", "已保存。"
    button_class = "btn"
    note = "一个里程碑对应一期付款；没有单独付款的里程碑不选。"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        contract = milestone_payments.contract_of(self.challenge)
        rows = milestone_payments.instalments_of(contract) if contract else []
        self.instalments = {row.public_id: row for row in rows}
        self.milestones = milestone_payments.paid_milestones(self.challenge)
        choices = [(key, f"{row.due_on:%Y-%m-%d}，{row.amount_wan:f} 万元") for key, row in self.instalments.items()]
        tied = {row.pk: row.public_id for row in rows}
        for milestone in self.milestones:
            self.fields[f"m{milestone.pk}"] = forms.ChoiceField(
                label=f"第 {milestone.month} 个月“{milestone.title}”，付 {milestone.percent}%",
                choices=[("", "没有对应的一期"), *choices],
                required=False,
                initial=tied.get(milestone.instalment_id, ""),
            )

    def _save(self, values: dict[str, Any]) -> None:
        pairs = {row: self.instalments.get(values[f"m{row.pk}"]) for row in self.milestones}
        milestone_payments.tie_milestones(self.challenge, pairs, by=self.by)


FORMS: tuple[type[StepForm], ...] = (
    *(SubmitForm, ApproveForm, ReturnForm, PublishForm, AnswerForm, AddendumForm, AskOpeningForm, OpenForm),
    *(ChooseForm, ExcludeForm, FailForm, ObjectionAnswerForm, AwardForm, SignForm, PlanPaymentsForm, TiePaymentsForm),
    *(RevokeForm, AgainForm, CloseForm),
)
STEPS: dict[str, type[StepForm]] = {form.step: form for form in FORMS}
PAYMENTS = ("plan_payments", "tie_payments")
OF_FIRM = {
    Status.DRAFT: ("submit", "close"),
    Status.CHECKING: ("close",),
    Status.CHECKED: ("close",),
    Status.PUBLISHED: ("answer", "ask_opening", "open"),
    Status.RECOMMENDED: ("choose",),
    Status.AWARDED: ("sign",),
    Status.SIGNED: PAYMENTS,
    Status.FAILED: ("again",),
    Status.CLOSED: ("again",),
}
OF_STAFF = {
    Status.SIGNED: PAYMENTS,
    Status.CHECKING: ("approve", "return"),
    Status.CHECKED: ("return",),
    Status.FAILED: ("again",),
    Status.CLOSED: ("again",),
}
OF_CITY = {
    Status.DRAFT: ("close",),
    Status.CHECKING: ("approve", "return", "close"),
    Status.CHECKED: ("publish", "return", "close"),
    Status.PUBLISHED: ("answer", "addendum", "ask_opening", "open", "close"),
    Status.REVIEW: ("exclude", "fail"),
    Status.RECOMMENDED: ("exclude", "fail"),
    Status.PUBLICISED: ("objection", "award", "revoke"),
    Status.AWARDED: ("sign", "revoke"),
    Status.SIGNED: (*PAYMENTS, "revoke"),
    Status.FAILED: ("again",),
    Status.CLOSED: ("again",),
}


def available_steps(challenge: Challenge, user: User) -> list[str]:
    """Names of the steps that the user can take in the present state."""
    is_own = owns_challenge(user, challenge)
    table: dict[Any, tuple[str, ...]] = {}
    if is_own:
        table = OF_FIRM
    elif user.scope.is_city:
        table = OF_CITY
    elif manages(user, challenge.demand.firm):
        table = OF_STAFF
    return [name for name in table.get(challenge.status, ()) if _is_possible(name, challenge, user)]


def _is_possible(name: str, challenge: Challenge, user: User) -> bool:
    is_over = challenge.is_past_deadline
    asked = challenge.opening_asked_by_id
    conditions = {
        "publish": lambda: challenge.checked_by_id != user.pk,
        "answer": lambda: challenge.questions.waiting().exists(),
        "addendum": lambda: not is_over,
        "ask_opening": lambda: is_over and asked is None,
        "open": lambda: is_over and asked is not None and asked != user.pk,
        "choose": lambda: Bid.objects.to_choose_from(challenge).exists(),
        "objection": lambda: challenge.objections.waiting().exists(),
        "award": lambda: challenge.public_until is not None and challenge.public_until < timezone.localdate(),
        "revoke": lambda: challenge.status != Status.SIGNED or has_failed_deal(challenge),
        "plan_payments": lambda: _has_plan(challenge) is False,
        "tie_payments": lambda: _has_plan(challenge) is True,
        "again": lambda: not Challenge.objects.filter(previous=challenge).exists(),
        "close": lambda: not is_over or challenge.status != Status.PUBLISHED,
        "exclude": lambda: Bid.objects.in_race().filter(challenge=challenge, excluded_reason="").exists(),
    }
    return conditions[name]() if name in conditions else True


def has_failed_deal(challenge: Challenge) -> bool:
    """Signed, and nothing came of it: the city takes the result back, then the call goes on or ends."""
    return challenge.deal is not None and challenge.deal.stage == Deal.Stage.FAILED


def has_none_to_choose(challenge: Challenge) -> bool:
    """Every recommended bid was taken out; only the city can go on, by ending the call."""
    return challenge.status == Status.RECOMMENDED and not Bid.objects.to_choose_from(challenge).exists()


def _has_plan(challenge: Challenge) -> bool | None:
    """Whether the contract of the deal has a payment plan; None without a contract, or without payments to plan."""
    contract = milestone_payments.contract_of(challenge)
    if contract is None or not milestone_payments.paid_milestones(challenge):
        return None
    return bool(milestone_payments.instalments_of(contract))
