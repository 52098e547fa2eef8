"""Forms for the publicity of the price of a deal, and for its files."""

from django import forms

from accounts.models import User
from core.forms import DayInput, model_choice
from deals.forms.base import DealForm, amount_field, text_area
from deals.models import Deal, PriceObjection
from deals.services.deal_parts import add_evidence
from deals.services.price_publicity import (
    may_settle,
    object_to_price,
    prolong_publicity,
    publish_price,
    settle_objection,
)


class PublicityForm(DealForm):
    action, title, button = "publicity", "价格公示", "公示"
    is_public = forms.BooleanField(
        label="在平台上公示",
        required=False,
        help_text="公示页写成果名称和价格，不写受让方；别人可以在页上提出异议。不勾选就是记录在别处的公示",
    )
    place = forms.CharField(
        label="公示处", max_length=200, required=False, help_text="如本单位网站、公告栏；只在平台上公示的不用填"
    )
    price_wan = amount_field("拟交易价格（万元）")
    starts_on = forms.DateField(label="公示开始", widget=DayInput())
    ends_on = forms.DateField(label="公示结束", widget=DayInput(), required=False, help_text="不填为 15 日")

    def _save(self, values: dict) -> None:
        publish_price(self.deal, by=self.by, **values)


class ObjectionForm(DealForm):
    action, title, button = "objection", "记录公示异议", "记录异议"
    raised_on = forms.DateField(label="提出日期", widget=DayInput())
    who = forms.CharField(label="提出人", max_length=60)
    text = text_area("异议内容", 500)

    def _save(self, values: dict) -> None:
        object_to_price(self.deal.publicities.first(), by=self.by, **values)


def settleable_objections(deal: Deal, by: User) -> list[PriceObjection]:
    """The open objections about which the user may decide."""
    rows = PriceObjection.objects.filter(publicity__deal=deal, settled_on=None).select_related("publicity__deal")
    return [row for row in rows if may_settle(row, by)]


class ProlongForm(DealForm):
    action, title, button = "prolong", "延长价格公示", "延长"
    ends_on = forms.DateField(label="新的结束日期", widget=DayInput())
    reason = forms.CharField(label="延长原因", max_length=200)

    def _save(self, values: dict) -> None:
        prolong_publicity(self.deal.publicities.first(), by=self.by, **values)


class SettleForm(DealForm):
    action, title, button = "settle", "处理公示异议", "记录处理结果"
    objection = forms.ModelChoiceField(PriceObjection.objects.none(), label="异议", empty_label=None)
    outcome = text_area("处理结果", 500)
    settled_on = forms.DateField(label="处理日期", widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice(self, "objection").queryset = PriceObjection.objects.filter(
            pk__in=[row.pk for row in settleable_objections(self.deal, self.by)]
        )

    def _save(self, values: dict) -> None:
        settle_objection(values.pop("objection"), by=self.by, **values)


class EvidenceForm(DealForm):
    action, title, button = "evidence", "上传证明材料", "上传"
    step = forms.ModelChoiceField(Deal.objects.none(), label="属于哪一步", required=False, empty_label="整个项目")
    file = forms.FileField(label="文件", help_text="PDF、Word、Excel、PPT 或图片，不超过 20 MB")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice(self, "step").queryset = self.deal.steps.all()

    def _save(self, values: dict) -> None:
        upload = values["file"]
        add_evidence(self.deal, content=upload.read(), name=upload.name, step=values["step"], by=self.by)
