"""The report of a bureau on a measure."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import PlainField, ServiceForm
from mechanism.models import Measure
from mechanism.services.bureau_reports import ReportFile, ReportLink, submit_report


class BureauReportForm(ServiceForm):
    text = forms.CharField(
        label="进展",
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
        help_text="做了什么、到哪一步、有什么困难、下一步什么时候办成",
    )
    file = forms.FileField(label="佐证文件", required=False, help_text="PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB")
    link = forms.URLField(
        label="佐证网址", max_length=300, required=False, assume_scheme="https", help_text="如印发文件的网页"
    )
    link_name = PlainField(label="网址是什么", max_length=200, required=False, help_text="如“细则全文”")
    wants_finish = forms.BooleanField(label="已经办完，请市里确认完成（要有佐证）", required=False)

    def __init__(self, *args, measure: Measure, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.measure, self.by = measure, by

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_FILE_BYTES:  # checked before the content is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values: dict[str, Any]) -> None:
        file, link = values["file"], values["link"]
        submit_report(
            self.measure,
            text=values["text"],
            wants_finish=values["wants_finish"],
            files=[ReportFile(file.name, file.read())] if file else [],
            links=[ReportLink(values["link_name"] or link, link)] if link else [],
            by=self.by,
        )
