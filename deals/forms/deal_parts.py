"""Forms for the publicity of the price of a deal, and for its files."""

from django import forms

from core.forms import DayInput, model_choice
from deals.forms.base import DealForm, amount_field, text_area
from deals.models import Deal, PriceObjection
from deals.services.deal_parts import add_evidence
from deals.services.price_publicity import object_to_price, publish_price, settle_objection


class PublicityForm(DealForm):
    action, title, button = "publicity", "记录价格公示", "记录公示"
    place = forms.CharField(label="公示处", max_length=200, help_text="如本单位网站、公告栏")
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


class SettleForm(DealForm):
    action, title, button = "settle", "处理公示异议", "记录处理结果"
    objection = forms.ModelChoiceField(PriceObjection.objects.none(), label="异议", empty_label=None)
    outcome = text_area("处理结果", 500)
    settled_on = forms.DateField(label="处理日期", widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice(self, "objection").queryset = PriceObjection.objects.filter(
            publicity__deal=self.deal, settled_on=None
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
