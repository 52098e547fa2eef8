"""The form for a deal from outside the platform."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.forms import DayInput, ServiceForm, model_choice
from deals.forms.base import amount_field, text_area
from deals.models import Deal
from deals.registration.party_lookup import name_key
from deals.services.deals import open_outside_deal
from demands.models import Demand


class OutsideDealForm(ServiceForm):
    """`deal` after `save()`. Both sides are typed by their full name, because nobody may read a list of all firms."""

    name = forms.CharField(label="项目名称", max_length=120)
    seller = forms.CharField(label="转让方全称", max_length=100)
    buyer = forms.CharField(label="受让方全称", max_length=100)
    achievement = forms.ModelChoiceField(
        Achievement.objects.none(), label="平台上的成果", required=False, empty_label="没有或不在平台上"
    )
    demand = forms.ModelChoiceField(
        Demand.objects.none(), label="平台上的需求", required=False, empty_label="没有或不在平台上"
    )
    intent_wan = amount_field("意向金额（万元）", required=False)
    on = forms.DateField(label="达成意向的日期", widget=DayInput())
    note = text_area("从哪里来", 500, help_text="如企业自行联系、展会认识、老客户续约")

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.deal: Deal | None = None
        model_choice(self, "achievement").queryset = Achievement.objects.managed_by(by).registered().order_by("title")
        model_choice(self, "demand").queryset = Demand.objects.managed_by(by).order_by("title")

    def clean_seller(self) -> Organisation:
        return self._organisation("seller")

    def clean_buyer(self) -> Organisation:
        return self._organisation("buyer")

    def _organisation(self, side: str) -> Organisation:
        key = name_key(self.cleaned_data[side])
        organisations = Organisation.objects.filter(kind__in=["firm", "institution"], is_active=True)
        organisation = next((row for row in organisations if name_key(row.name) == key), None)
        if organisation is None:
            raise ValidationError("平台上没有这家单位，请核对全称；未注册的单位请先注册。")
        return organisation

    def _save(self, values: dict) -> None:
        self.deal = open_outside_deal(by=self.by, **values)
