"""Forms for the terms of reform instruments; their fields are those of the models."""

from django import forms
from django.db.models import Model

from core.forms import DayInput
from deals.forms.base import DealForm
from deals.models import EquityStake, InvestThenShare, OpenChallenge, PayLater
from deals.services.challenge_deals import record_acceptance
from deals.services.deal_parts import set_instrument


class InstrumentForm(DealForm):
    """`instrument`: the saved terms, None if the deal does not use the instrument."""

    button = "保存"
    is_instrument = True
    model: type[Model]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instrument = self.model.objects.filter(deal=self.deal).first() if self.deal.pk else None
        for model_field in self.model._meta.concrete_fields:
            if model_field.name in ("id", "deal"):
                continue
            field = model_field.formfield()
            if isinstance(field, forms.DateField):
                field.widget = DayInput()
            if isinstance(field, forms.DecimalField):
                field.widget.attrs |= {"min": "0", "step": "0.01"}
            self.fields[model_field.name] = field
            if self.instrument:
                self.initial.setdefault(model_field.name, getattr(self.instrument, model_field.name))

    def _save(self, values: dict) -> None:
        set_instrument(self.deal, self.action, by=self.by, **values)


class PayLaterForm(InstrumentForm):
    action, title, model = "pay_later", "先使用后付费", PayLater


class EquityStakeForm(InstrumentForm):
    action, title, model = "equity_stake", "作价入股", EquityStake


class InvestThenShareForm(InstrumentForm):
    action, title, model = "invest_then_share", "先投后股", InvestThenShare


class OpenChallengeForm(InstrumentForm):
    action, title, model = "open_challenge", "揭榜挂帅", OpenChallenge


class AcceptanceForm(DealForm):
    """验收 of the work that a call (揭榜挂帅) asked for. Its other terms are those of the published call."""

    action, title, button = "accept_challenge", "揭榜验收", "记录验收"
    accepted_on = forms.DateField(label="验收日期", widget=DayInput, error_messages={"required": "请填写验收日期。"})
    verdict = forms.CharField(
        label="验收结论",
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text="对照榜单的指标写，例如“连续 200 箱，平均 66 秒，通过”。没有通过的先不填，整改以后再验收",
        error_messages={"required": "请写明验收结论。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        terms = OpenChallenge.objects.filter(deal=self.deal).first() if self.deal.pk else None
        if terms is not None:
            self.initial = {"accepted_on": terms.accepted_on, "verdict": terms.verdict} | self.initial

    def _save(self, values: dict) -> None:
        record_acceptance(self.deal, by=self.by, **values)


INSTRUMENT_FORMS = (PayLaterForm, EquityStakeForm, InvestThenShareForm, OpenChallengeForm)
