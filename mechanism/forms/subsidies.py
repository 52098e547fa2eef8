"""Forms of 专项资金 for applicants, experts and objectors. Each form calls one service when it is saved."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Organisation, User
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import ServiceForm
from mechanism.models import SubsidyApplication, SubsidyCall, SubsidyReview
from mechanism.services.subsidy_applications import (
    add_subsidy_file,
    report_result,
    save_application,
    start_application,
    withdraw_application,
)
from mechanism.services.subsidy_decisions import object_to_grant
from mechanism.services.subsidy_reviews import give_advice, recuse_reviewer
from mechanism.subsidy_terms import achievements_of, basis_of, contracts_of

MAX_CHOICES = 200


def text_area(label: str, help_text: str = "", *, rows: int = 3, longest: int = 1000, required: bool = True):
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=longest, required=required, widget=widget)


def amount(label: str, help_text: str = "", *, required: bool = True, longest: int = 12) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, max_digits=longest, decimal_places=2, min_value=0, required=required
    )


class StartForm(ServiceForm):
    """What the application is about; the rest is prefilled from it."""

    contract: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label="技术合同", required=False, empty_label="不选", to_field_name="public_id"
    )
    achievement: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label="科技成果", required=False, empty_label="不选", to_field_name="public_id"
    )

    def __init__(self, *args, call: SubsidyCall, organisation: Organisation, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.call, self.organisation, self.by = call, organisation, by
        contracts = contracts_of(organisation)
        self.fields["contract"].queryset = contracts  # type: ignore[attr-defined]
        self.fields["contract"].label_from_instance = _contract_label  # type: ignore[attr-defined]
        if call.rate_basis == SubsidyCall.Basis.CONTRACT:
            self.fields["contract"].required = True
            self.fields["contract"].help_text = "已认定登记、双方确认的合同，支持金额按它的技术交易额计算"
        if organisation.kind == Organisation.Kind.INSTITUTION:
            self.fields["achievement"].queryset = achievements_of(organisation)  # type: ignore[attr-defined]
        else:
            del self.fields["achievement"]

    def _save(self, values: dict[str, Any]) -> None:
        self.application = start_application(
            self.call,
            organisation=self.organisation,
            contract=values.get("contract"),
            achievement=values.get("achievement"),
            by=self.by,
        )


def _contract_label(contract) -> str:
    amount_wan = contract.tech_amount_wan or contract.amount_wan
    return f"{contract.name}（{contract.number or '无编号'}，{amount_wan} 万元）"


class ApplicationForm(ServiceForm):
    """The part that the applicant writes. May be saved unfinished; `missing_parts` says what is still to do."""

    title = forms.CharField(label="项目名称", max_length=120, required=False, help_text="拟支持时会公示")
    content = text_area("项目内容", "做什么、已经做到哪一步、钱用在哪里", rows=6, longest=3000, required=False)
    goals = text_area("验收目标", "完成时拿什么验收，尽量写数字", rows=3, required=False)
    basis_wan = amount("项目投入（万元）", "支持金额按它的比例计算", required=False, longest=14)
    requested_wan = amount("申请金额（万元）", required=False)

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        fields = ("title", "content", "goals", "basis_wan", "requested_wan")
        initial = {name: getattr(application, name) for name in fields}
        super().__init__(*args, initial=initial, **kwargs)
        self.application, self.by = application, by
        if basis_of(application.call, application.contract) is not None:
            del self.fields["basis_wan"]
        self._label_as_required(not self.is_bound)

    def full_clean(self) -> None:
        super().full_clean()
        self._label_as_required(True)

    def _label_as_required(self, is_required: bool) -> None:
        """Every field is needed to submit, so none is labelled 选填; while cleaning, a draft may leave them blank."""
        for field in self.fields.values():
            field.required = is_required

    def _save(self, values: dict[str, Any]) -> None:
        save_application(self.application, values=values, by=self.by)


class FileForm(ServiceForm):
    file = forms.FileField(label="文件", help_text="PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB")
    material = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.application, self.by = application, by

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # checked before the content is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values: dict[str, Any]) -> None:
        file = values["file"]
        add_subsidy_file(self.application, material=values["material"], content=file.read(), name=file.name, by=self.by)


class ReportForm(ServiceForm):
    report = text_area("完成情况", "对照验收目标逐条写", rows=5, longest=3000)

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.application, self.by = application, by

    def _save(self, values: dict[str, Any]) -> None:
        report_result(self.application, report=values["report"], by=self.by)


class WithdrawForm(ServiceForm):
    reason = text_area("撤回的原因", rows=2)

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.application, self.by = application, by

    def _save(self, values: dict[str, Any]) -> None:
        withdraw_application(self.application, reason=values["reason"], by=self.by)


class SubsidyObjectionForm(ServiceForm):
    text = text_area("异议的事实和理由", "不少于 10 个字；只有市里的经办人能看到", rows=4)

    def __init__(self, *args, application: SubsidyApplication, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.application, self.by = application, by

    def _save(self, values: dict[str, Any]) -> None:
        object_to_grant(self.application, text=values["text"], by=self.by)


class AdviceForm(ServiceForm):
    advice = forms.ChoiceField(label="建议", choices=SubsidyReview.Advice.choices, widget=forms.RadioSelect)
    advised_wan = amount("建议金额（万元）", "建议支持的必填", required=False)
    reason = text_area("理由", "不少于 10 个字", rows=4)

    def __init__(self, *args, review: SubsidyReview, **kwargs):
        super().__init__(*args, **kwargs)
        self.review = review

    def _save(self, values: dict[str, Any]) -> None:
        give_advice(self.review, advice=values["advice"], reason=values["reason"], advised_wan=values["advised_wan"])


class RecuseForm(ServiceForm):
    reason = text_area("回避的原因", rows=2, longest=300)

    def __init__(self, *args, review: SubsidyReview, **kwargs):
        super().__init__(*args, auto_id="recuse_%s", **kwargs)  # the form beside it asks for a reason, too
        self.review = review

    def _save(self, values: dict[str, Any]) -> None:
        recuse_reviewer(self.review, reason=values["reason"])
