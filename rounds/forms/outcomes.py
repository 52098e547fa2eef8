"""The form for the outcome of a meeting, as a phone sends it."""

from django import forms

from rounds.models import Outcome
from rounds.services.outcomes import OutcomeInput

MONEY_HINT = "意向金额请填数字，单位万元，例如 30 或 12.5。"
DATE_HINT = "日期请写成 2026-12-01 的样子。"


class WanField(forms.DecimalField):
    """A sum in 万元. Accepts 30, 12.5, 1,200 and 30 万. A text input keeps what the browser would otherwise drop."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value):
        text = str(value or "").replace(",", "").replace("，", "").strip()
        return super().to_python(text.removesuffix("元").removesuffix("万").strip())


class OutcomeForm(forms.Form):
    verdict = forms.ChoiceField(
        label="结果",
        choices=Outcome.Verdict.choices,
        error_messages={"required": "请选择有意向、继续谈或不合适。"},
    )
    reason = forms.ChoiceField(
        label="不合适的原因", required=False, choices=[("", "---"), *Outcome._meta.get_field("reason").choices]
    )
    note = forms.CharField(label="说明", max_length=300, required=False)
    next_step = forms.CharField(label="下一步", max_length=100, required=False)
    next_on = forms.DateField(label="下次联系日期", required=False, error_messages={"invalid": DATE_HINT})
    intent_wan = WanField(
        label="意向金额（万元）",
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        error_messages={"invalid": MONEY_HINT, "min_value": MONEY_HINT},
    )
    is_signed = forms.BooleanField(label="当场签约", required=False)
    early_reason = forms.CharField(label="提前记录的原因", max_length=200, required=False)

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        is_no_fit = values.get("verdict") == Outcome.Verdict.NO_FIT
        if is_no_fit and not values.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "选择“不合适”时请选择原因。")
        return values

    @property
    def outcome(self) -> OutcomeInput:
        return OutcomeInput(**self.cleaned_data)
