"""The form of 不适合，因为…; saving it calls one service."""

from collections.abc import Sequence

from django import forms

from accounts.models import User
from achievements.models import Achievement
from core.forms import ServiceForm, fixed_choice
from demands.models import Demand
from matching.models import Question
from matching.services.side_feedback import NOTE_LENGTH, REASONS, say_unfit, side_of


class SideFeedbackForm(ServiceForm):
    """`demand` None: the firm chooses one of its open `demands`."""

    demand = forms.ChoiceField(label="对哪项需求不适合", error_messages={"required": "请选择一项需求。"})
    reason = forms.ChoiceField(
        label="为什么不适合",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择不适合的原因。"},
    )
    note = forms.CharField(
        label="补充说明",
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="只有区县和市里的工作人员能看到；选“其他原因”时请写明，不要写人名和电话",
    )

    def __init__(
        self, *args, achievement: Achievement, demand: Demand | None, demands: Sequence[Demand], by: User, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.achievement, self.by = achievement, by
        self.demands = {row.public_id: row for row in ([demand] if demand else demands)}
        if demand:
            del self.fields["demand"]
        else:
            titles = [(key, row.title) for key, row in self.demands.items()]
            fixed_choice(self, "demand").choices = [("", "请选择"), *titles]
        side = side_of(achievement, next(iter(self.demands.values())), by) or Question.Side.FIRM
        self.is_firm = side == Question.Side.FIRM
        fixed_choice(self, "reason").choices = [(reason.value, reason.label) for reason in REASONS[side]]

    def _save(self, values: dict) -> None:
        demand = self.demands[values["demand"]] if "demand" in values else next(iter(self.demands.values()))
        say_unfit(self.achievement, demand, reason=values["reason"], note=values["note"], by=self.by)
