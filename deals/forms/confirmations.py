"""Answers of a party to a confirmation, and what the staff does with one."""

from django import forms

from accounts.models import User
from core.forms import PlainField, ServiceForm, model_choice
from deals.forms.base import text_area
from deals.models import Confirmation, DealFile
from deals.services import objections
from deals.services.confirmations import confirm, confirm_by_link, object_by_link, object_to


class ConfirmationForm(ServiceForm):
    """`action` names the form in the request and is the prefix of its fields. `by` is None for a link."""

    action = title = button = style = done = ""

    def __init__(self, *args, confirmation: Confirmation, by: User | None, **kwargs):
        super().__init__(*args, prefix=self.action, **kwargs)
        self.confirmation, self.by = confirmation, by


class ConfirmForm(ConfirmationForm):
    action, title, button, style = "confirm", "内容属实", "确认无误", "btn-p"
    done = "已确认，谢谢。"
    person = PlainField(label="您的姓名", max_length=30, error_messages={"required": "请填写您的姓名。"})
    confirms_broker = forms.BooleanField(label="技术经纪人参与促成了这份合同", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.by is not None:
            del self.fields["person"]
        broker = dict(self.confirmation.facts).get("技术经纪人")
        if not broker or self.confirmation.role not in ("seller", "buyer") or self.by is None:
            del self.fields["confirms_broker"]
        else:
            self.fields["confirms_broker"].label = f"技术经纪人{broker}参与促成了这份合同"

    def _save(self, values: dict) -> None:
        if self.by is None:
            confirm_by_link(self.confirmation, person=values["person"])
        else:
            confirm(self.confirmation, by=self.by, confirms_broker=values.get("confirms_broker", False))


class ObjectForm(ConfirmationForm):
    action, title, button, style = "object", "不对，提出异议", "提出异议", "btn-no"
    done = "已记下贵单位的异议，这项记录不再计入统计。"
    person = PlainField(label="您的姓名", max_length=30, error_messages={"required": "请填写您的姓名。"})
    reason = forms.ChoiceField(
        label="哪里不对",
        choices=[("", "请选择"), *Confirmation.Reason.choices],
        error_messages={"required": "请选择哪里不对。"},
    )
    text = text_area("用一句话说明", 300, help_text="例如“本单位没有签过这份合同”")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.by is not None:
            del self.fields["person"]

    def _save(self, values: dict) -> None:
        if self.by is None:
            object_by_link(self.confirmation, **values)
        else:
            object_to(self.confirmation, by=self.by, **values)


class DecideForm(ConfirmationForm):
    action, title, button, style = "decide", "处理异议", "记录处理结果", "btn-p"
    done = "已处理，提出异议的单位会收到结果。"
    upheld = forms.ChoiceField(label="结果", choices=[("", "请选择"), ("yes", "异议成立"), ("no", "异议不成立")])
    text = text_area("理由", 300, help_text="例如“已核对合同原件，金额一致”")

    def _save(self, values: dict) -> None:
        objections.decide_objection(
            self.confirmation, upheld=values["upheld"] == "yes", text=values["text"], by=_staff(self)
        )


class ProofForm(ConfirmationForm):
    action, title, button = "proof", "以签字盖章的材料作凭证", "记为凭证"
    done = "已记录，等另一位市级专员复核。"
    file = forms.ModelChoiceField(
        DealFile.objects.none(), label="材料", empty_label="请选择", to_field_name="public_id"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if deal := objections.deal_of(self.confirmation):
            model_choice(self, "file").queryset = deal.files.kept()

    def _save(self, values: dict) -> None:
        objections.record_proof(self.confirmation, file=values["file"], by=_staff(self))


class CheckProofForm(ConfirmationForm):
    action, title, button, style = "check", "复核凭证", "记录复核结果", "btn-p"
    done = "已记录复核结果。"
    accept = forms.ChoiceField(
        label="结果", choices=[("", "请选择"), ("yes", "凭证属实"), ("no", "凭证不足，仍等对方确认")]
    )

    def _save(self, values: dict) -> None:
        objections.check_proof(self.confirmation, accept=values["accept"] == "yes", by=_staff(self))


class LinkForm(ConfirmationForm):
    action, title, button = "link", "重发确认链接", "发到登记的联系人邮箱"
    done = "已发到单位登记的联系人邮箱，以前的链接作废。"

    def _save(self, values: dict) -> None:
        objections.send_link_again(self.confirmation, by=_staff(self))


FORMS = {form.action: form for form in (ConfirmForm, ObjectForm, DecideForm, ProofForm, CheckProofForm, LinkForm)}


def _staff(form: ConfirmationForm) -> User:
    if form.by is None:
        raise TypeError("a link opens no step of the staff")
    return form.by
