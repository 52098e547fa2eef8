"""Forms on the page of a trial's result. Each calls one service when it is saved."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import DayInput, ServiceForm
from mechanism.models import BaseRequest, TrialResult
from mechanism.services.trials import (
    Status,
    TrialValues,
    add_trial_file,
    confirm_result,
    dispute_result,
    maturity_hindrance,
    propose_maturity,
    publish_result,
    record_result,
    sides_of,
)
from taxonomy.models import MaturityScale

PUBLIC_LABEL = "公开：在基地和成果的页面上显示试过、结论和等级（不显示数据、费用和文件）"


class TrialStepForm(ServiceForm):
    """`step`: value of the submit button; `title`, `button`: words of the page; `done`: the message of success."""

    step: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str]
    style: ClassVar[str] = "btn-p"

    def __init__(self, *args, request: BaseRequest, result: TrialResult | None, by: User, **kwargs) -> None:
        super().__init__(*args, prefix=self.step, **kwargs)
        self.request, self.result, self.by = request, result, by

    @property
    def stored(self) -> TrialResult:
        if self.result is None:
            raise ValidationError("还没有填写结果。")
        return self.result


class RecordForm(TrialStepForm):
    step, title, button, done = "record", "填写结果", "保存结果", "已保存，对方会收到确认的请求。"
    outcome = forms.ChoiceField(label="结论", choices=TrialResult.Outcome.choices)
    finished_on = forms.DateField(label="试验结束日期", widget=DayInput)
    summary = forms.CharField(
        label="做了什么、结果怎样", max_length=2000, widget=forms.Textarea({"rows": 5}), help_text="规模、批次、问题"
    )
    data = forms.CharField(
        label="数据",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="每行一项，如“收率：92.4%（5 公斤级，3 批）”",
    )
    cost_wan = forms.DecimalField(
        label="费用（万元）",
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    scale = forms.ChoiceField(label="成熟度标准", choices=[("", "没有评定"), *MaturityScale.choices], required=False)
    level = forms.IntegerField(
        label="达到的成熟度等级",
        min_value=1,
        max_value=13,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text="双方确认后，完成单位可以据此提出提高成果的成熟度",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if row := self.result:
            names = ("outcome", "finished_on", "summary", "data", "cost_wan")
            self.initial = {name: getattr(row, name) for name in names} | self.initial
            self.initial |= {"scale": row.maturity_scale, "level": row.maturity_level}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("scale")) != bool(values.get("level")) and not self.errors:
            self.add_error("level", "成熟度的标准和等级要一起填，或都不填。")
        return values

    def _save(self, values: dict[str, Any]) -> None:
        record_result(self.request, TrialValues(**values), by=self.by)


class ConfirmForm(TrialStepForm):
    step, title, button, done = "confirm", "核对确认", "确认这份结果", "已确认。"
    version = forms.IntegerField(widget=forms.HiddenInput)
    is_public = forms.BooleanField(label=PUBLIC_LABEL, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.result.version if self.result else 0)
        if "user" not in sides_of(self.request, self.by):
            del self.fields["is_public"]

    def _save(self, values: dict[str, Any]) -> None:
        confirm_result(self.stored, version=values["version"], is_public=bool(values.get("is_public")), by=self.by)


class DisputeForm(TrialStepForm):
    step, title, button, done = "dispute", "有异议", "提出异议", "已提出，对方改正后请您再核对。"
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="哪里不对", max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.result.version if self.result else 0)

    def _save(self, values: dict[str, Any]) -> None:
        dispute_result(self.stored, version=values["version"], reason=values["reason"], by=self.by)


class TrialFileForm(TrialStepForm):
    step, title, button, done = "file", "添加文件", "上传", "已上传。"
    file = forms.FileField(label="检测报告、记录", help_text="PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB")

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # checked before the content is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values: dict[str, Any]) -> None:
        add_trial_file(self.stored, content=values["file"].read(), name=values["file"].name, by=self.by)


class PublishForm(TrialStepForm):
    step, title, button, done = "publish", "公开结论", "公开", "已公开结论。"
    style = ""

    def _save(self, values: dict[str, Any]) -> None:
        publish_result(self.stored, is_public=True, by=self.by)


class HideForm(TrialStepForm):
    step, title, button, done = "hide", "撤下公开", "撤下", "已撤下。"
    style = ""

    def _save(self, values: dict[str, Any]) -> None:
        publish_result(self.stored, is_public=False, by=self.by)


class MaturityForm(TrialStepForm):
    step, title, button = "maturity", "提高成果的成熟度", "提出修改，等市里审核"
    done = "已提出，市科技局审核后生效。"

    def _save(self, values: dict[str, Any]) -> None:
        propose_maturity(self.stored, by=self.by)


STEPS: dict[str, type[TrialStepForm]] = {
    form.step: form
    for form in (ConfirmForm, DisputeForm, RecordForm, TrialFileForm, MaturityForm, PublishForm, HideForm)
}


def available_steps(request: BaseRequest, result: TrialResult | None, user: User) -> list[str]:
    """Names of the steps that this user can take, the main one first."""
    sides = sides_of(request, user)
    if not sides or request.status != BaseRequest.Status.ACCEPTED:
        return []
    if result is None:
        return ["record"]
    if result.status == Status.CONFIRMED:
        own = request.achievement and request.achievement.institution_id in user.scope.institution_ids
        steps = ["maturity"] if own and not maturity_hindrance(result) else []
        return steps + (["hide" if result.is_public else "publish"] if "user" in sides else [])
    waits = [side for side in sides if getattr(result, f"{side}_by_id") is None]
    has_spoken = user.pk in {result.base_by_id, result.user_by_id}
    asked = ["confirm", "dispute"] if waits and not has_spoken and result.status == Status.PROPOSED else []
    return [*asked, "file", "record"]
