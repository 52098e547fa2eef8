"""Forms for money and landings on the page of a deal, and for the checks of the registration office."""

from django import forms
from django.conf import settings

from accounts.models import Region, User
from core.forms import DayInput, model_choice
from deals.forms.base import DealForm, amount_field
from deals.models import Contract, Deal, Landing, Payment
from deals.services.deal_parts import Upload, add_voucher, receive_payment, strike_payment
from deals.services.evidence_checks import check_landing, check_payment
from deals.services.landings import add_landing, complete_landing

CITY_NAME = settings.CITY.short_name
FILE_HELP = "银行回单、发票等，PDF 或图片，不超过 20 MB"
RESULTS = [("", "请选择"), ("yes", "属实"), ("no", "不符")]


def payment_label(payment: Payment) -> str:
    return f"{payment.received_on:%Y-%m-%d}，{payment.amount_wan:,.2f} 万元"


class PaymentForm(DealForm):
    action, title, button = "payment", "记录到账", "记录到账"
    contract = forms.ModelChoiceField(
        Contract.objects.none(), label="属于哪份合同", empty_label="请选择", to_field_name="public_id"
    )
    amount_wan = amount_field("到账金额（万元）")
    received_on = forms.DateField(label="到账日期", widget=DayInput())
    voucher = forms.FileField(
        label="凭证", required=False, help_text=f"{FILE_HELP}；没有凭证的先不计入到账，可以以后补"
    )
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="如第二期、验收后付款")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        contracts = self.deal.contracts.filter(status__in=Contract.LIVE).order_by("pk")
        if contracts.count() > 1:
            model_choice(self, "contract").queryset = contracts
        else:
            del self.fields["contract"]

    @property
    def is_main(self) -> bool:
        return self.deal.stage == Deal.Stage.REGISTERED

    def _save(self, values: dict) -> None:
        receive_payment(self.deal, by=self.by, **values | {"voucher": _upload(values["voucher"])})


class VoucherForm(DealForm):
    action, title, button = "voucher", "补到账凭证", "上传凭证"
    payment = forms.ModelChoiceField(Payment.objects.none(), label="哪一笔", empty_label="请选择")
    file = forms.FileField(label="凭证", help_text=FILE_HELP)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice(self, "payment").queryset = self.rows_of(self.deal)
        model_choice(self, "payment").label_from_instance = payment_label

    @staticmethod
    def rows_of(deal: Deal):
        counted = deal.payments.counted()
        return counted.exclude(pk__in=counted.checked().order_by().values("pk"))

    def _save(self, values: dict) -> None:
        upload = _upload(values["file"])
        if upload is not None:
            add_voucher(values["payment"], upload=upload, by=self.by)


class StrikeForm(DealForm):
    action, title, button = "strike", "划去一笔到账", "划去"
    payment = forms.ModelChoiceField(Payment.objects.none(), label="到账", empty_label=None)
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice(self, "payment").queryset = self.deal.payments.counted()
        model_choice(self, "payment").label_from_instance = payment_label

    def _save(self, values: dict) -> None:
        strike_payment(values["payment"], reason=values["reason"], by=self.by)


class CompanyFields(forms.Form):
    """What a company has and a line or a product has not."""

    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=30, required=False, help_text="新设公司必填，照营业执照填 18 位"
    )
    capital_wan = amount_field("注册资本（万元）", required=False, help_text="新设公司必填")
    region = forms.ModelChoiceField(
        Region.objects.reporting(),
        label="落地区市县",
        required=False,
        empty_label=f"不在{CITY_NAME}或不清楚",
    )
    place = forms.CharField(label="外地注册地", max_length=60, required=False, help_text=f"公司不在{CITY_NAME}的写省市")
    landed_on = forms.DateField(label="落地日期", widget=DayInput(), help_text="公司写营业执照上的成立日期")


class LandingForm(DealForm, CompanyFields):
    action, title, button = "landing", "记录落地", "记录落地"
    kind = forms.ChoiceField(label="落地形式", choices=Landing.Kind.choices)
    name = forms.CharField(label="名称", max_length=100, help_text="公司、产线或产品的名称")
    jobs = forms.IntegerField(label="新增就业（人）", min_value=0, max_value=1_000_000, required=False)
    invested_wan = amount_field("投资（万元）", required=False)
    yearly_output_wan = amount_field("年新增产值（万元）", required=False)
    field_order = ("kind", "name", "credit_code", "capital_wan", "region", "place", "landed_on")

    def _save(self, values: dict) -> None:
        add_landing(self.deal, by=self.by, **values)


class CompleteLandingForm(DealForm, CompanyFields):
    """For the first company of the deal that lacks what a check needs, or that the office has refused."""

    action, button = "company", "保存公司信息"
    landing = forms.ModelChoiceField(Landing.objects.none(), widget=forms.HiddenInput())
    name = forms.CharField(label="公司名称", max_length=100)
    field_order = ("landing", "name", "credit_code", "capital_wan", "region", "place", "landed_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = self.rows_of(self.deal)
        model_choice(self, "landing").queryset = rows
        landing = rows.first()
        self.title = f"补充落地公司：{landing}" if landing else "补充落地公司"
        if landing is not None:
            names = ("name", "credit_code", "capital_wan", "region", "place", "landed_on")
            self.initial |= {name: getattr(landing, name) for name in names} | {"landing": landing}

    @staticmethod
    def rows_of(deal: Deal):
        companies = deal.landings.companies()
        return (companies.incomplete() | companies.refused()).order_by("pk")

    def _save(self, values: dict) -> None:
        complete_landing(values.pop("landing"), by=self.by, **values)


class CheckForm(DealForm):
    """One record at a time, the oldest first. `seen` names the version that the officer looks at."""

    seen = forms.CharField(widget=forms.HiddenInput(), max_length=32)
    result = forms.ChoiceField(label="核实结果", choices=RESULTS, error_messages={"required": "请选择属实或不符。"})
    text = forms.CharField(
        label="说明", max_length=300, required=False, help_text="核对了什么；不符的必填，如“回单金额为 20 万元”"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = self.rows_of(self.deal, self.by)
        model_choice(self, "row").queryset = rows
        self.fields["row"].error_messages["invalid_choice"] = "这项记录刚被核实或改变，请看最新的内容。"
        self.row = rows.first()
        self.title = f"{self.title}：{self.row_label(self.row)}" if self.row else self.title
        if self.row is not None:
            self.initial |= {"row": self.row, "seen": self.row.evidence_hash}

    @property
    def is_main(self) -> bool:
        return True

    @staticmethod
    def rows_of(deal: Deal, user: User):
        """What the user may check: nobody checks what they recorded themselves."""
        raise NotImplementedError

    @staticmethod
    def row_label(row) -> str:
        return str(row)


class CheckPaymentForm(CheckForm):
    action, title, button = "check_payment", "核实到账凭证", "记录核实结果"
    row = forms.ModelChoiceField(Payment.objects.none(), widget=forms.HiddenInput())
    field_order = ("row", "seen", "result", "text")

    @staticmethod
    def rows_of(deal: Deal, user: User):
        rows = deal.payments.awaiting_check().order_by("pk")
        return rows.exclude(made_by=user).exclude(voucher__uploaded_by=user)

    @staticmethod
    def row_label(row: Payment) -> str:
        return payment_label(row)

    def _save(self, values: dict) -> None:
        accept = values["result"] == "yes"
        check_payment(values["row"], accept=accept, text=values["text"], seen=values["seen"], by=self.by)


class CheckLandingForm(CheckForm):
    action, title, button = "check_landing", "核实落地公司", "记录核实结果"
    row = forms.ModelChoiceField(Landing.objects.none(), widget=forms.HiddenInput())
    field_order = ("row", "seen", "result", "text")

    @staticmethod
    def rows_of(deal: Deal, user: User):
        return deal.landings.awaiting_check().exclude(made_by=user).order_by("pk")

    def _save(self, values: dict) -> None:
        accept = values["result"] == "yes"
        check_landing(values["row"], accept=accept, text=values["text"], seen=values["seen"], by=self.by)


def _upload(file) -> Upload | None:
    return Upload(file.name, file.read()) if file else None
