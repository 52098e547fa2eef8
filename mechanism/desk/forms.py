"""What is filled in on a measure's page. Each form calls one service when it is saved."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from achievements.file_validation import MAX_FILE_BYTES, too_large_message
from mechanism import services
from mechanism.models import Measure


class StepForm(forms.Form):
    """`save()` once it is valid; what the service refuses becomes a fault of the form."""

    step = ""
    done = ""

    def __init__(self, *args, measure: Measure, by, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.measure, self.by = measure, by

    def save(self) -> bool:
        try:
            self._save(self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True


def _text(label: str, help_text: str = "", *, required: bool = True, longest: int = 1000) -> forms.CharField:
    widget = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=longest, widget=widget)


class ReportForm(StepForm):
    step, done = "report", _("已记下进展。")
    text = _text(_("进展"), _("做了什么、到哪一步、有什么困难"))

    def _save(self, values):
        services.report_measure(self.measure, text=values["text"], by=self.by)


class CommentForm(StepForm):
    step, done = "comment", _("意见已记下。")
    text = _text(_("意见"))

    def _save(self, values):
        services.comment_measure(self.measure, text=values["text"], by=self.by)


class LinkForm(StepForm):
    step, done = "link", _("已添加网址。")
    name = forms.CharField(label=_("名称"), max_length=200)
    link = forms.URLField(label=_("网址"), max_length=300, assume_scheme="https")

    def _save(self, values):
        services.add_link(self.measure, name=values["name"], link=values["link"], by=self.by)


class FileForm(StepForm):
    step, done = "file", _("已上传佐证。")
    file = forms.FileField(label=_("文件"), help_text=_("PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB"))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # before anything of it is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values):
        services.add_file(self.measure, content=values["file"].read(), name=values["file"].name, by=self.by)


class FinishForm(StepForm):
    step, done = "finish", _("已记为完成。")
    note = _text(_("完成情况"), required=False)

    def _save(self, values):
        services.finish_measure(self.measure, note=values["note"], by=self.by)


class ReopenForm(StepForm):
    step, done = "reopen", _("已重新打开。")
    reason = _text(_("为什么重新打开"))

    def _save(self, values):
        services.reopen_measure(self.measure, reason=values["reason"], by=self.by)


class DropForm(StepForm):
    step, done = "drop", _("已取消这项举措。")
    reason = _text(_("取消原因"), longest=200)

    def _save(self, values):
        services.drop_measure(self.measure, reason=values["reason"], by=self.by)


STEPS = {form.step: form for form in (ReportForm, CommentForm, FileForm, LinkForm, FinishForm, ReopenForm, DropForm)}


def steps_for(measure: Measure, user) -> list[str]:
    """Which of STEPS lead on from where the measure stands, for this user."""
    if not services.may_report(measure, user):
        return []
    is_city = user.scope.is_city
    if measure.is_open:
        return ["report", "file", "link", "comment", "finish", *(["drop"] if is_city else [])]
    return ["file", "link", "comment", *(["reopen"] if is_city else [])]
