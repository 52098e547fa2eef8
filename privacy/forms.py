"""The form of a request and those of its handling."""

from django import forms

from accounts.models import User
from accounts.validators import validate_phone
from core.forms import PlainField, ServiceForm
from privacy.models import DataRequest
from privacy.services.requests import submit_request


class DataRequestForm(ServiceForm):
    """A person's request. After `save`, `request` is the new row."""

    kind = forms.ChoiceField(
        label="您要求什么",
        choices=[
            ("access", "查阅、复制：看平台有我的哪些信息"),
            ("correct", "更正：信息有误"),
            ("withdraw", "撤回同意：不再向任何人出示我的联系方式"),
            ("delete", "删除：删去我的信息，或注销账号"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项。", "invalid_choice": "请选择列出的一项。"},
    )
    name = PlainField(label="姓名", max_length=30, error_messages={"required": "请填写姓名。"})
    email = forms.EmailField(
        label="登记的邮箱",
        required=False,
        max_length=254,
        help_text="填写当初登记的邮箱，我们向它发送确认链接，这样最快。",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    phone = PlainField(
        label="登记的电话",
        required=False,
        max_length=20,
        validators=[validate_phone],
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    unit = PlainField(
        label="单位",
        required=False,
        max_length=100,
        help_text="例如成果的完成单位、代表的企业。只有姓名时请填写，便于查找。",
    )
    words = forms.CharField(
        label="说明",
        required=False,
        max_length=1000,
        help_text="例如哪一项成果、哪里有误。请不要填写身份证号。",
        widget=forms.Textarea({"rows": 3}),
    )
    request: DataRequest | None = None

    def __init__(self, user: User | None, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user is not None:
            self.initial["name"] = user.name
            self.fields["email"].help_text = "您已登录，账号的信息会一并查找；另有登记的请填写，由工作人员核对。"

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        named = any(cleaned.get(name) or name in self.errors for name in ("email", "phone", "unit"))
        if not (named or self.user):
            self.add_error("email", "请至少填写登记的邮箱、电话或单位，否则无法查找。")
        return cleaned

    def _save(self, values: dict) -> None:
        kind = values.pop("kind")
        self.request = submit_request(kind, **values, by=self.user)


class CorrectionForm(forms.Form):
    """New details of one contact."""

    name = PlainField(label="姓名", max_length=30)
    phone = PlainField(label="电话", max_length=30, required=False)
    email = forms.EmailField(label="邮箱", required=False)
