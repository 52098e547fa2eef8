"""What is filled in on a deal's page. Each form calls one service when it is saved; `action` is its name there."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Region
from achievements.models import Achievement
from core.forms import DayInput, ServiceForm
from deals.models import Deal, Landing, PayLater, PriceObjection, PricePublicity
from deals.models.instrument import EquityStake, InvestThenShare, OpenChallenge
from deals.permissions import carries, takes_part
from deals.registration.parties import name_key
from deals.services.deal_parts import add_evidence, add_landing, receive_payment, set_instrument, strike_payment
from deals.services.deals import fail_deal, open_outside_deal, sign_deal, take_step
from deals.services.price_publicity import object_to_price, publish_price, settle_objection
from deals.stages import NEEDS_REASON, move_of, onward
from demands.models import Demand
from taxonomy.models import TransferWay

Stage = Deal.Stage


def wan(label, **options):
    """A sum in 万元."""
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, **options)


def words(label, longest: int, rows: int = 2, **options):
    return forms.CharField(label=label, max_length=longest, widget=forms.Textarea({"rows": rows}), **options)


class DealForm(ServiceForm):
    action = title = button = ""
    is_instrument = False

    def __init__(self, *args, deal: Deal, by, **kwargs):
        super().__init__(*args, prefix=self.action, **kwargs)
        self.deal, self.by = deal, by

    @property
    def is_main(self) -> bool:
        """Whether it is what comes next: shown open, the others folded."""
        return False


class SignForm(DealForm):
    action, title, button = "sign", _("记录签约"), _("记录签约")
    on = forms.DateField(label=_("签约日期"), widget=DayInput())
    signed_wan = wan(
        _("签约金额（万元）"), required=False, help_text=_("合同写明的金额；按销售提成等没有总额的可以不填")
    )
    way = forms.ChoiceField(label=_("转化方式"), choices=[("", _("请选择")), *TransferWay.choices])
    licence = forms.ChoiceField(
        label=_("许可方式"), choices=[("", _("不是许可")), *Deal.Licence.choices], required=False
    )
    pricing = forms.ChoiceField(
        label=_("定价方式"),
        choices=[("", _("请选择")), *Deal.Pricing.choices],
        required=False,
        help_text=_("高校院所协议定价的转让、许可和作价入股，签约前要公示不少于 15 日"),
    )
    exclusive_from = forms.DateField(
        label=_("独占开始日期"),
        widget=DayInput(),
        required=False,
        help_text=_("转让、独占和排他许可从这一天起不再推荐给其他企业；不填为签约日期"),
    )
    note = words(_("说明"), 500, required=False)
    person = forms.CharField(label=_("经办人"), max_length=30, required=False)

    @property
    def is_main(self):
        return self.deal.stage == Stage.INTENT

    def _save(self, values):
        sign_deal(self.deal, by=self.by, **values)


class StageForm(DealForm):
    action, title, button = "stage", _("进入其他阶段"), _("改变阶段")
    target = forms.ChoiceField(label=_("改为"))
    on = forms.DateField(label=_("日期"), widget=DayInput())
    note = words(_("说明"), 500, required=False, help_text=_("跳过阶段、退回时写明原因；复盘写经验和不足"))
    person = forms.CharField(label=_("经办人"), max_length=30, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now = self.deal.stage
        self.fields["target"].choices = [("", _("请选择"))] + [
            (target, Stage(target).label + (_("（要说明原因）") if move_of(now, target) in NEEDS_REASON else ""))
            for target in onward(now)
            if target not in (Stage.FAILED, Stage.REGISTERED) and not (target == Stage.SIGNED and now == Stage.INTENT)
        ]

    @property
    def is_main(self):
        return self.deal.stage in (Stage.PERFORMING, Stage.LANDED)

    def _save(self, values):
        take_step(self.deal, values.pop("target"), by=self.by, **values)


class FailForm(DealForm):
    action, title, button = "fail", _("记为未成"), _("记为未成")
    reason = forms.ChoiceField(label=_("原因"), choices=[("", _("请选择")), *Deal.FailReason.choices])
    note = words(_("说明"), 500)
    on = forms.DateField(label=_("日期"), widget=DayInput())

    def _save(self, values):
        fail_deal(self.deal, by=self.by, **values)


class PaymentForm(DealForm):
    action, title, button = "payment", _("记录到账"), _("记录到账")
    amount_wan = wan(_("到账金额（万元）"))
    received_on = forms.DateField(label=_("到账日期"), widget=DayInput())
    note = forms.CharField(label=_("说明"), max_length=200, required=False, help_text=_("如第二期、验收后付款"))

    @property
    def is_main(self):
        return self.deal.stage == Stage.REGISTERED

    def _save(self, values):
        receive_payment(self.deal, by=self.by, **values)


class LandingForm(DealForm):
    action, title, button = "landing", _("记录落地"), _("记录落地")
    kind = forms.ChoiceField(label=_("落地形式"), choices=Landing.Kind.choices)
    name = forms.CharField(label=_("名称"), max_length=100, help_text=_("公司、产线或产品的名称"))
    region = forms.ModelChoiceField(Region.objects.reporting(), label=_("落地区市县"), required=False)
    landed_on = forms.DateField(label=_("落地日期"), widget=DayInput())
    jobs = forms.IntegerField(label=_("新增就业（人）"), min_value=0, max_value=1_000_000, required=False)
    invested_wan = wan(_("投资（万元）"), required=False)
    yearly_output_wan = wan(_("年新增产值（万元）"), required=False)

    def _save(self, values):
        add_landing(self.deal, by=self.by, **values)


class PublicityForm(DealForm):
    action, title, button = "publicity", _("记录价格公示"), _("记录公示")
    place = forms.CharField(label=_("公示处"), max_length=200, help_text=_("如本单位网站、公告栏"))
    price_wan = wan(_("拟交易价格（万元）"))
    starts_on = forms.DateField(label=_("公示开始"), widget=DayInput())
    ends_on = forms.DateField(label=_("公示结束"), widget=DayInput(), required=False, help_text=_("不填为 15 日"))

    def _save(self, values):
        publish_price(self.deal, by=self.by, **values)


class ObjectionForm(DealForm):
    action, title, button = "objection", _("记录公示异议"), _("记录异议")
    raised_on = forms.DateField(label=_("提出日期"), widget=DayInput())
    who = forms.CharField(label=_("提出人"), max_length=60)
    text = words(_("异议内容"), 500)

    def _save(self, values):
        object_to_price(self.deal.publicities.first(), by=self.by, **values)


class SettleForm(DealForm):
    action, title, button = "settle", _("处理公示异议"), _("记录处理结果")
    objection = forms.ModelChoiceField(PriceObjection.objects.none(), label=_("异议"), empty_label=None)
    outcome = words(_("处理结果"), 500)
    settled_on = forms.DateField(label=_("处理日期"), widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["objection"].queryset = PriceObjection.objects.filter(publicity__deal=self.deal, settled_on=None)

    def _save(self, values):
        settle_objection(values.pop("objection"), by=self.by, **values)


class EvidenceForm(DealForm):
    action, title, button = "evidence", _("上传证明材料"), _("上传")
    step = forms.ModelChoiceField(Deal.objects.none(), label=_("属于哪一步"), required=False, empty_label=_("整个项目"))
    file = forms.FileField(label=_("文件"), help_text=_("PDF、Word、Excel、PPT 或图片，不超过 20 MB"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["step"].queryset = self.deal.steps.all()

    def _save(self, values):
        upload = values["file"]
        add_evidence(self.deal, content=upload.read(), name=upload.name, step=values["step"], by=self.by)


class StrikeForm(DealForm):
    action, title, button = "strike", _("划去一笔到账"), _("划去")
    payment = forms.ModelChoiceField(Deal.objects.none(), label=_("到账"), empty_label=None)
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["payment"].queryset = self.deal.payments.counted()

    def _save(self, values):
        strike_payment(values["payment"], reason=values["reason"], by=self.by)


class InstrumentForm(DealForm):
    """The terms of one reform instrument; the fields are those of its model."""

    button = _("保存")
    is_instrument = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = self.model.objects.filter(deal=self.deal).first() if self.deal.pk else None
        self.found = found
        for field in self.model._meta.concrete_fields:
            if field.name in ("id", "deal"):
                continue
            made = field.formfield()
            if isinstance(made, forms.DateField):
                made.widget = DayInput()
            if isinstance(made, forms.DecimalField):
                made.widget.attrs |= {"min": "0", "step": "0.01"}
            self.fields[field.name] = made
            if found:
                self.initial.setdefault(field.name, getattr(found, field.name))

    def _save(self, values):
        set_instrument(self.deal, self.action, by=self.by, **values)


class PayLaterForm(InstrumentForm):
    action, title, model = "pay_later", _("先使用后付费"), PayLater


class EquityForm(InstrumentForm):
    action, title, model = "equity_stake", _("作价入股"), EquityStake


class InvestForm(InstrumentForm):
    action, title, model = "invest_then_share", _("先投后股"), InvestThenShare


class ChallengeForm(InstrumentForm):
    action, title, model = "open_challenge", _("揭榜挂帅"), OpenChallenge


INSTRUMENT_FORMS = (PayLaterForm, EquityForm, InvestForm, ChallengeForm)
WORKERS = (SignForm, StageForm, FailForm, StrikeForm)
PARTAKERS = (PaymentForm, LandingForm, PublicityForm, ObjectionForm, SettleForm, EvidenceForm, *INSTRUMENT_FORMS)
ALL = {form.action: form for form in (*WORKERS, *PARTAKERS)}


def forms_for(deal: Deal, by) -> list[type[DealForm]]:
    """The forms that this person may send for the deal as it stands, what comes next first."""
    if not takes_part(deal, by):
        return []
    stage, chosen = deal.stage, [EvidenceForm]
    if stage == Stage.FAILED:
        return chosen
    if stage == Stage.INTENT:
        chosen.append(PublicityForm)
        publicity: PricePublicity | None = deal.publicities.first()
        if publicity and publicity.starts_on <= timezone.localdate():
            chosen.append(ObjectionForm)
        if PriceObjection.objects.filter(publicity__deal=deal, settled_on=None).exists():
            chosen.append(SettleForm)
    else:
        chosen += [PaymentForm, LandingForm]
    chosen += INSTRUMENT_FORMS
    if carries(deal, by):
        chosen += [SignForm] if stage == Stage.INTENT else []
        chosen += [StageForm]
        if stage in (Stage.INTENT, Stage.SIGNED, Stage.REGISTERED, Stage.PERFORMING):
            chosen.append(FailForm)
        if deal.payments.counted().exists():
            chosen.append(StrikeForm)
    order = [*WORKERS[:1], PaymentForm, StageForm, LandingForm]
    return sorted(chosen, key=lambda form: order.index(form) if form in order else len(order))


class OutsideForm(ServiceForm):
    """A deal that came about without the platform. Both sides are written by their whole name: a list of all firms
    is nobody's to read."""

    name = forms.CharField(label=_("项目名称"), max_length=120)
    seller = forms.CharField(label=_("转让方全称"), max_length=100)
    buyer = forms.CharField(label=_("受让方全称"), max_length=100)
    achievement = forms.ModelChoiceField(
        Achievement.objects.none(), label=_("平台上的成果"), required=False, empty_label=_("没有或不在平台上")
    )
    demand = forms.ModelChoiceField(
        Demand.objects.none(), label=_("平台上的需求"), required=False, empty_label=_("没有或不在平台上")
    )
    intent_wan = wan(_("意向金额（万元）"), required=False)
    on = forms.DateField(label=_("达成意向的日期"), widget=DayInput())
    note = words(_("从哪里来"), 500, help_text=_("如企业自行联系、展会认识、老客户续约"))

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.made = by, None
        self.fields["achievement"].queryset = Achievement.objects.managed_by(by).registered().order_by("title")
        self.fields["demand"].queryset = Demand.objects.managed_by(by).order_by("title")

    def clean_seller(self):
        return self._named("seller")

    def clean_buyer(self):
        return self._named("buyer")

    def _named(self, side: str) -> Organisation:
        key = name_key(self.cleaned_data[side])
        parties = Organisation.objects.filter(kind__in=["firm", "institution"], is_active=True)
        found = next((one for one in parties if name_key(one.name) == key), None)
        if found is None:
            raise ValidationError(_("平台上没有这家单位，请核对全称；未注册的单位请先注册。"))
        return found

    def _save(self, values):
        self.made = open_outside_deal(by=self.by, **values)
