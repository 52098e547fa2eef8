"""Forms that change the stage of a deal."""

from django import forms

from core.forms import DayInput, fixed_choice
from deals.forms.base import DealForm, amount_field, text_area
from deals.models import Deal
from deals.services.deals import advance_deal, correct_deal, fail_deal, sign_deal
from deals.stages import NEEDS_REASON, move_between, reachable_stages
from taxonomy.models import TransferWay

Stage = Deal.Stage


class SignForm(DealForm):
    action, title, button = "sign", "记录签约", "记录签约"
    on = forms.DateField(label="签约日期", widget=DayInput())
    signed_wan = amount_field(
        "签约金额（万元）", required=False, help_text="合同写明的金额；按销售提成等没有总额的可以不填"
    )
    way = forms.ChoiceField(label="转化方式", choices=[("", "请选择"), *TransferWay.choices])
    licence = forms.ChoiceField(label="许可方式", choices=[("", "不是许可"), *Deal.Licence.choices], required=False)
    pricing = forms.ChoiceField(
        label="定价方式",
        choices=[("", "请选择"), *Deal.Pricing.choices],
        required=False,
        help_text="高校院所协议定价的转让、许可和作价入股，签约前要公示不少于 15 日",
    )
    exclusive_from = forms.DateField(
        label="独占开始日期",
        widget=DayInput(),
        required=False,
        help_text="转让、独占和排他许可从这一天起不再推荐给其他企业；不填为签约日期",
    )
    note = text_area("说明", 500, required=False)
    person = forms.CharField(label="经办人", max_length=30, required=False)

    @property
    def is_main(self) -> bool:
        return self.deal.stage == Stage.INTENT

    def _save(self, values: dict) -> None:
        sign_deal(self.deal, by=self.by, **values)


class StageForm(DealForm):
    action, title, button = "stage", "进入其他阶段", "改变阶段"
    target = forms.ChoiceField(label="改为")
    on = forms.DateField(label="日期", widget=DayInput())
    note = text_area("说明", 500, required=False, help_text="跳过阶段、退回时写明原因；复盘写经验和不足")
    person = forms.CharField(label="经办人", max_length=30, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        current = self.deal.stage
        targets = [
            target
            for target in reachable_stages(current)
            if target not in (Stage.FAILED, Stage.REGISTERED)
            and not (target == Stage.SIGNED and current == Stage.INTENT)
        ]
        fixed_choice(self, "target").choices = [("", "请选择")] + [
            (target, Stage(target).label + ("（要说明原因）" if needs_reason(current, target) else ""))
            for target in targets
        ]

    @property
    def is_main(self) -> bool:
        return self.deal.stage in (Stage.PERFORMING, Stage.LANDED)

    def _save(self, values: dict) -> None:
        advance_deal(self.deal, values.pop("target"), by=self.by, **values)


class CorrectForm(DealForm):
    action, title, button = "correct", "更正名称或金额", "更正并请双方重新确认"
    name = forms.CharField(label="项目名称", max_length=120)
    intent_wan = amount_field("意向金额（万元）", required=False)
    signed_wan = amount_field("签约金额（万元）", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in ("name", "intent_wan", "signed_wan"):
            self.initial.setdefault(field, getattr(self.deal, field))
        if self.deal.stage == Stage.INTENT:
            del self.fields["signed_wan"]

    def _save(self, values: dict) -> None:
        correct_deal(self.deal, by=self.by, **values)


class FailForm(DealForm):
    action, title, button = "fail", "记为未成", "记为未成"
    reason = forms.ChoiceField(label="原因", choices=[("", "请选择"), *Deal.FailReason.choices])
    note = text_area("说明", 500)
    on = forms.DateField(label="日期", widget=DayInput())

    def _save(self, values: dict) -> None:
        fail_deal(self.deal, by=self.by, **values)


def needs_reason(source: str, target: str) -> bool:
    return move_between(source, target) in NEEDS_REASON
