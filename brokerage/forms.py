"""Forms of brokerage. Saving a form calls one service."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, Region, User
from achievements.models import Achievement
from brokerage.models import Commission, HelpRequest, Profile
from brokerage.models.help_request import MAX_TEXT
from brokerage.pipeline import Case
from brokerage.services.commissions import propose_change, propose_commission, tell_payment
from brokerage.services.help_requests import ask_for_help, propose_from_request
from brokerage.services.next_steps import plan_step
from brokerage.services.profiles import save_profile
from brokers.models import Agency, Broker
from core.forms import DayInput, PlainField, ServiceForm, fixed_choice, model_choice
from core.search_choice import SearchChoiceField
from deals.models import Deal
from demands.models import Demand
from mandates.forms import agent_choices, agent_of
from mandates.models import Mandate, Right
from taxonomy.models import Industry

ANY = "any"


class HelpForm(ServiceForm):
    """帮我找: whom to ask, about which own record, and in which words."""

    agent = SearchChoiceField(label="请谁帮忙", error_messages={"required": "请选择请谁帮忙。"})
    asker = forms.ModelChoiceField(Organisation.objects.none(), label="以哪个单位的名义", empty_label=None)
    demand = forms.ModelChoiceField(
        Demand.objects.none(), label="哪项需求", required=False, empty_label="不针对某一项需求"
    )
    achievement = forms.ModelChoiceField(
        Achievement.objects.none(), label="哪项成果", required=False, empty_label="不针对某一项成果"
    )
    text = forms.CharField(
        label="想请帮什么忙",
        max_length=MAX_TEXT,
        widget=forms.Textarea({"rows": 5}),
        help_text="例如“想找能把轴承寿命提高一倍的热处理技术，并帮忙联系院所”。不要写联系方式",
        error_messages={
            "required": "请写下想请帮什么忙。",
            "max_length": "内容有 %(show_value)d 个字，最多 %(limit_value)d 个字，请精简。",
        },
    )

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.request: HelpRequest | None = None
        own = Organisation.objects.filter(pk__in=by.scope.firm_ids | by.scope.institution_ids, is_active=True)
        model_choice(self, "asker").queryset = own.order_by("name")
        if len(own) == 1:
            self.fields["asker"].widget = forms.HiddenInput()
            self.fields["asker"].initial = own[0].pk
        demands = Demand.objects.filter(firm__in=by.scope.firm_ids, is_private=False)
        model_choice(self, "demand").queryset = demands.exclude(status__in=["closed", "solved"]).order_by("title")
        items = Achievement.objects.filter(institution__in=by.scope.institution_ids)
        model_choice(self, "achievement").queryset = items.exclude(status="withdrawn").order_by("title")
        for name, has_any in (("demand", by.scope.firm_ids), ("achievement", by.scope.institution_ids)):
            if not has_any:
                del self.fields[name]
        brokers = Broker.objects.certified().filter(user__isnull=False).exclude(profile__takes_requests=False)
        agencies = Agency.objects.listed().exclude(profile__takes_requests=False).select_related("organisation")
        brokers = brokers.select_related("agency__organisation")
        fixed_choice(self, "agent").choices = [(ANY, "任何一位合适的技术经纪人"), *agent_choices(brokers, agencies)]

    def clean(self) -> dict:
        values = super().clean() or {}
        if values.get("demand") and values.get("achievement"):
            self.add_error("achievement", "一次只能针对一项需求或者一项成果。")
        return values

    def _save(self, values: dict) -> None:
        self.request = ask_for_help(
            asker=values["asker"],
            text=values["text"],
            agent=None if values["agent"] == ANY else agent_of(values["agent"]),
            demand=values.get("demand"),
            achievement=values.get("achievement"),
            by=self.by,
        )


class MandateFromRequestForm(ServiceForm):
    rights = forms.MultipleChoiceField(
        label="请对方委托的范围",
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一项委托范围。"},
    )
    ends_on = forms.DateField(label="到哪一天为止", widget=DayInput, error_messages={"required": "请填写结束日期。"})
    for_agency = forms.BooleanField(label="以本机构的名义（机构里的经纪人都能办理）", required=False)

    def __init__(self, *args, request: HelpRequest, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.by = request, by
        is_firm = request.asker.kind == Organisation.Kind.FIRM
        self.fields["rights"].initial = (
            [Right.POST, Right.ANSWER, Right.ATTEND] if is_firm else [Right.ANSWER, Right.ATTEND]
        )
        if not is_firm:
            fixed_choice(self, "rights").choices = [
                choice for choice in Right.choices if choice[0] not in (Right.POST, Right.NAMED)
            ]
        self.fields["ends_on"].initial = timezone.localdate() + timedelta(days=180)

    def _save(self, values: dict) -> None:
        propose_from_request(self.request, by=self.by, **values)


class StepForm(ServiceForm):
    text = PlainField(label="下一步", max_length=200, error_messages={"required": "请写下一步做什么。"})
    due_on = forms.DateField(label="日期", widget=DayInput, error_messages={"required": "请填写日期。"})

    def __init__(self, *args, case: Case, by: User, **kwargs) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": f"%s-{case.key}"})
        self.case, self.by = case, by

    def _save(self, values: dict) -> None:
        plan_step(subject_type=self.case.kind, subject_id=self.case.pk, by=self.by, **values)


class TermsForm(ServiceForm):
    """The terms of a commission."""

    percent = forms.DecimalField(
        label="比例（%）",
        max_digits=5,
        decimal_places=2,
        required=False,
        help_text="按比例的，填比例并选按什么计算；不按比例的，只填固定金额",
    )
    base = forms.ChoiceField(label="按什么计算", choices=[("", "不按比例"), *Commission.Base.choices], required=False)
    fixed_wan = forms.DecimalField(label="或固定金额（万元）", max_digits=12, decimal_places=2, required=False)
    cap_wan = forms.DecimalField(label="最高金额（万元）", max_digits=12, decimal_places=2, required=False)
    due = forms.ChoiceField(label="何时支付", choices=Commission.Due.choices)
    due_on = forms.DateField(label="约定日期", widget=DayInput, required=False, help_text="选“约定日期以前”时填写")
    note = PlainField(label="其他约定", max_length=300, required=False)


class CommissionForm(TermsForm):
    mandate = forms.ModelChoiceField(Mandate.objects.none(), label="按哪份委托", empty_label=None)
    field_order = ("mandate",)

    def __init__(self, *args, deal: Deal, mandates: list[Mandate], by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.deal, self.by = deal, by
        self.commission: Commission | None = None
        model_choice(self, "mandate").queryset = Mandate.objects.filter(pk__in=[row.pk for row in mandates])
        if len(mandates) == 1:
            self.fields["mandate"].widget = forms.HiddenInput()
            self.fields["mandate"].initial = mandates[0].pk

    def _save(self, values: dict) -> None:
        terms = {name: value for name, value in values.items() if name != "mandate"}
        self.commission = propose_commission(self.deal, values["mandate"], by=self.by, **terms)


class CommissionChangeForm(TermsForm):
    """Other terms in place of agreed ones; begins with those that hold."""

    def __init__(self, *args, agreed: Commission, by: User, **kwargs) -> None:
        kwargs["initial"] = {name: getattr(agreed, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.agreed, self.by = agreed, by
        self.commission: Commission | None = None

    def _save(self, values: dict) -> None:
        self.commission = propose_change(self.agreed, by=self.by, **values)


class CommissionPaymentForm(ServiceForm):
    amount_wan = forms.DecimalField(
        label="金额（万元）", max_digits=12, decimal_places=2, error_messages={"required": "请填写金额。"}
    )
    paid_on = forms.DateField(label="支付日期", widget=DayInput, error_messages={"required": "请填写支付日期。"})

    def __init__(self, *args, commission: Commission, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.commission, self.by = commission, by

    def _save(self, values: dict) -> None:
        tell_payment(self.commission, by=self.by, **values)


class ProfileForm(ServiceForm):
    introduction = forms.CharField(
        label="介绍",
        max_length=1500,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text="擅长什么、怎样工作。不要写电话和邮箱；对方通过平台联系您",
    )
    languages = PlainField(label="工作语言", max_length=60, required=False, help_text="如普通话、英语、日语")
    services = forms.MultipleChoiceField(
        label="提供的服务", choices=Agency.Service.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    industries = forms.ModelMultipleChoiceField(
        Industry.objects.none(), label="擅长领域", widget=forms.CheckboxSelectMultiple, required=False
    )
    regions = forms.ModelMultipleChoiceField(
        Region.objects.none(), label="服务区市县", widget=forms.CheckboxSelectMultiple, required=False
    )
    takes_requests = forms.BooleanField(label="接受企业和院所的“帮我找”", required=False)

    def __init__(self, *args, profile: Profile, by: User, **kwargs) -> None:
        pending = profile.revisions.pending().first()
        texts = {name: getattr(profile, name) for name in ("introduction", "languages")}
        texts |= pending.after if pending else {}
        initial = {
            **texts,
            "services": profile.services,
            "industries": profile.owner.industries.all(),
            "regions": profile.owner.regions.all(),
            "takes_requests": profile.takes_requests,
        }
        super().__init__(*args, **kwargs)
        self.initial = initial
        self.profile, self.by, self.pending = profile, by, pending
        self.is_waiting = False
        # Finer fields that the city has entered stay among the choices, so that saving does not lose them.
        chosen = Q(parent=None) | Q(pk__in=profile.owner.industries.values("pk"))
        model_choice(self, "industries").queryset = Industry.objects.active().filter(chosen)
        model_choice(self, "regions").queryset = Region.objects.reporting()

    def _save(self, values: dict) -> None:
        texts = {name: values[name] for name in ("introduction", "languages")}
        rest = {name: value for name, value in values.items() if name not in texts}
        self.is_waiting = save_profile(self.profile, by=self.by, texts=texts, **rest) is not None


class CaseForm(forms.Form):
    contract = forms.ChoiceField(label="哪份合同", error_messages={"required": "请选择合同。"})
    text = PlainField(
        label="一句话的案例",
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text="例如“为轴承企业找到热处理技术，从询问到登记合同用了四个月”。买卖双方都同意后才公开",
        error_messages={"required": "请写一句话的案例。"},
    )

    def __init__(self, *args, contracts, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        fixed_choice(self, "contract").choices = [(row.public_id, row.name) for row in contracts]
