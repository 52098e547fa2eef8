"""The form for a deal from outside the platform."""

from django import forms

from accounts.models import User
from achievements.models import Achievement
from core.forms import DayInput, PlainField, ServiceForm, model_choice
from deals.forms.base import amount_field, text_area
from deals.models import Deal
from deals.services.outside_deals import open_outside_deal
from demands.models import Demand


class OutsideDealForm(ServiceForm):
    """`deal` after `save()`.

    Both sides are typed by their full name, because nobody may read a list of all firms. The answer does not tell
    whether a name is registered.
    """

    name = forms.CharField(label="项目名称", max_length=120)
    seller = PlainField(label="转让方全称", max_length=100)
    buyer = PlainField(
        label="受让方全称", max_length=100, help_text="写明的单位会收到消息；它确认以前，这项成交不计入统计"
    )
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

    def _save(self, values: dict) -> None:
        self.deal = open_outside_deal(by=self.by, **values)
