"""The form of a 催付 letter."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import DayInput, PlainField, ServiceForm
from deals.models import Instalment, PaymentLetter
from deals.models.payment_letter import MAX_NOTE
from deals.services.payment_letters import ASKED_DAYS, LetterTerms, send_payment_letter


class PaymentLetterForm(ServiceForm):
    pay_until = forms.DateField(
        label="请对方在哪天前支付",
        widget=DayInput(),
        error_messages={"invalid": "日期请写成 2026-01-31 的样子。", "required": "请填写希望对方支付的日期。"},
    )
    note = PlainField(
        label="补充一句",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="例如付款账户请以合同为准。不要写手机号、账号等信息。",
    )
    letter: PaymentLetter

    def __init__(self, *args, instalment: Instalment, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.instalment, self.by = instalment, by
        self.initial.setdefault("pay_until", timezone.localdate() + timedelta(days=ASKED_DAYS))

    def _save(self, values: dict) -> None:
        self.letter = send_payment_letter(self.instalment, LetterTerms(**values), by=self.by)
