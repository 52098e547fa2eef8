"""Forms on the page of a measure. Each form calls one service when it is saved."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.file_validation import MAX_FILE_BYTES, too_large_message
from mechanism.models import Measure
from mechanism.services.evidence import add_file, add_link
from mechanism.services.measures import (
    comment_measure,
    drop_measure,
    finish_measure,
    may_finish,
    may_report,
    reopen_measure,
    report_measure,
)


class MeasureStepForm(forms.Form):
    """`save()` returns False if the service rejects the step; its message becomes a form error.

    `step`: value of the submit button; `done`: success message.
    """

    step = ""
    done = ""

    def __init__(self, *args, measure: Measure, by: User, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.measure, self.by = measure, by

    def save(self) -> bool:
        try:
            self._save(self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True


def _textarea(label: str, help_text: str = "", *, required: bool = True, max_length: int = 1000) -> forms.CharField:
    widget = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=max_length, widget=widget)


class ReportForm(MeasureStepForm):
    step, done = "report", "已记下进展。"
    text = _textarea("进展", "做了什么、到哪一步、有什么困难")

    def _save(self, values: dict) -> None:
        report_measure(self.measure, text=values["text"], by=self.by)


class CommentForm(MeasureStepForm):
    step, done = "comment", "意见已记下。"
    text = _textarea("意见")

    def _save(self, values: dict) -> None:
        comment_measure(self.measure, text=values["text"], by=self.by)


class LinkForm(MeasureStepForm):
    step, done = "link", "已添加网址。"
    name = forms.CharField(label="名称", max_length=200)
    link = forms.URLField(label="网址", max_length=300, assume_scheme="https")

    def _save(self, values: dict) -> None:
        add_link(self.measure, name=values["name"], link=values["link"], by=self.by)


class FileForm(MeasureStepForm):
    step, done = "file", "已上传佐证。"
    file = forms.FileField(label="文件", help_text="PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB")

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # checked before the content is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values: dict) -> None:
        add_file(self.measure, content=values["file"].read(), name=values["file"].name, by=self.by)


class FinishForm(MeasureStepForm):
    step, done = "finish", "已记为完成。"
    note = _textarea("完成情况", required=False)

    def _save(self, values: dict) -> None:
        finish_measure(self.measure, note=values["note"], by=self.by)


class ReopenForm(MeasureStepForm):
    step, done = "reopen", "已重新打开。"
    reason = _textarea("为什么重新打开")

    def _save(self, values: dict) -> None:
        reopen_measure(self.measure, reason=values["reason"], by=self.by)


class DropForm(MeasureStepForm):
    step, done = "drop", "已取消这项举措。"
    reason = _textarea("取消原因", max_length=200)

    def _save(self, values: dict) -> None:
        drop_measure(self.measure, reason=values["reason"], by=self.by)


STEPS = {form.step: form for form in (ReportForm, CommentForm, FileForm, LinkForm, FinishForm, ReopenForm, DropForm)}


def available_steps(measure: Measure, user: User) -> list[str]:
    """Names of the steps that this user can take in the present state of the measure."""
    if not may_report(measure, user):
        return []
    is_city = user.scope.is_city
    if measure.is_open:
        finish = ["finish"] if may_finish(measure, user) else []
        return ["report", "file", "link", "comment", *finish, *(["drop"] if is_city else [])]
    return ["file", "link", "comment", *(["reopen"] if is_city else [])]
