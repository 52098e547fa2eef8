"""The form of a text that the city sends."""

from django import forms

from accounts.models import User
from core.forms import PlainField, ServiceForm
from notices.services.city_texts import save_city_text
from notices.texts.checks import MAX_SENTENCE
from notices.texts.declared import SentText
from notices.texts.writing import Wording


class CityTextForm(ServiceForm):
    subject = PlainField(label="标题", max_length=100, required=False)
    body = forms.CharField(label="正文", max_length=3000, widget=forms.Textarea({"rows": 14}))
    line = PlainField(label="短信和平台消息（一句话）", max_length=200)

    def __init__(self, *args, text: SentText, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.text, self.by = text, by
        if text.is_sentence:
            self.fields["body"] = PlainField(label="一句话", max_length=MAX_SENTENCE)
        for name in ("body", "line"):
            message = f"“{text.name}”的{self.fields[name].label}不能为空；要恢复原来的文字，请点“恢复”。"
            self.fields[name].error_messages["required"] = message
        if not text.has_subject:
            del self.fields["subject"]
        if not text.line:
            del self.fields["line"]

    @property
    def wording(self) -> Wording:
        """What stands in the form, saved or not."""
        parts = {name: str(self[name].value() or "") for name in self.fields}
        return Wording(parts.get("subject", ""), parts["body"], parts.get("line", ""))

    def _save(self, values: dict) -> None:
        wording = Wording(values.get("subject", ""), values["body"], values.get("line", ""))
        save_city_text(self.text, wording, by=self.by)
