"""Forms of sign-ups, proofs, objections and invitations."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy

from accounts.models import Region, SignUp, User
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import PlainField, ServiceForm, model_choice
from members.models import Invitation
from members.services.invitations import accept_with_new_user
from members.services.join_requests import object_to_join_request
from members.services.sign_ups import Proof, add_proof
from sheets.credit_code import normalize_credit_code


def check_upload_size(upload: UploadedFile | None) -> UploadedFile | None:
    if upload and (upload.size or 0) > MAX_FILE_BYTES:  # before the content is read
        raise forms.ValidationError(too_large_message(upload.name or ""))
    return upload


def as_proof(upload: UploadedFile | None) -> Proof | None:
    return Proof(upload.name or "", upload.read()) if upload else None


class SignUpForm(forms.ModelForm):
    """Application of a firm. `service_arguments` are the arguments of `submit_sign_up`."""

    password = forms.CharField(
        label="密码",
        strip=False,
        help_text=lazy(password_validators_help_text_html, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label="再次输入密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    proof = forms.FileField(
        label="营业执照或授权书",
        required=False,
        help_text="PDF、PNG 或 JPG，可以手机拍照。只有审核人员能看。没有证明材料的申请可能被退回，也可以提交后再补。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    consent = forms.BooleanField(
        label="我同意平台为审核注册、通知对接而保存以上联系信息",
        help_text="姓名会给所申请企业的管理员核实；电话和邮箱只向审核人员显示，每次查看都留有记录。可随时要求更正、删除或撤回同意。",
        error_messages={"required": "请勾选同意，否则不能保存您的联系方式，也就不能受理注册。"},
    )

    class Meta:
        model = SignUp
        fields = ["firm_name", "credit_code", "stat_region", "name", "phone", "email", "username"]
        help_texts = {
            "firm_name": "与营业执照一致",
            "credit_code": "18 位，见营业执照；校验位不对会提示",
            "stat_region": "由该区市县的科技部门审核",
            "phone": "手机或带区号的固定电话，审核人员可能致电核实",
            "email": "有结果时发邮件告知",
            "username": "希望使用的用户名，可用文字、字母、数字和 . @ - _；实际用户名以通过后状态页上写的为准",
        }
        widgets = {
            "firm_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "credit_code": forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "username": forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        model_choice(self, "stat_region").queryset = Region.objects.reporting()
        model_choice(self, "stat_region").empty_label = "请选择"
        for name, field in self.fields.items():
            if name != "consent":
                field.error_messages["required"] = "请选择。" if name == "stat_region" else "请填写。"

    def clean_credit_code(self) -> str:
        try:
            return normalize_credit_code(self.cleaned_data["credit_code"])
        except ValueError as error:
            raise forms.ValidationError("%(problem)s。", params={"problem": error}) from error

    def clean_proof(self) -> UploadedFile | None:
        return check_upload_size(self.cleaned_data["proof"])

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("password") and cleaned["password"] != cleaned.get("password_again"):
            self.add_error("password_again", "两次输入的密码不一样，请重新输入。")
        return cleaned

    @property
    def service_arguments(self) -> dict:
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        values = fields | {"password": self.cleaned_data["password"], "consented": self.cleaned_data["consent"]}
        return values | {"proof": as_proof(self.cleaned_data["proof"])}


class ProofForm(ServiceForm):
    """A proof added to an application on its status page."""

    proof = forms.FileField(
        label="营业执照或授权书",
        help_text="PDF、PNG 或 JPG，不超过 20 MB。再次上传会替换上一份。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        error_messages={"required": "请选择文件。"},
    )

    def __init__(self, sign_up: SignUp, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.sign_up = sign_up

    def clean_proof(self) -> UploadedFile | None:
        return check_upload_size(self.cleaned_data["proof"])

    def _save(self, values: dict) -> None:
        add_proof(self.sign_up, Proof(values["proof"].name, values["proof"].read()))


class ObjectionForm(ServiceForm):
    words = PlainField(
        label="异议",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="例如“本企业没有这个人”“没有授权他人注册”。审核人员会看到。",
        error_messages={"required": "请写明异议，例如“本企业没有授权他人注册”。"},
    )

    def __init__(self, sign_up: SignUp, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.sign_up = sign_up

    def _save(self, values: dict) -> None:
        object_to_join_request(self.sign_up, by=None, words=values["words"])


class AcceptInvitationForm(ServiceForm):
    """The account that an invited person makes. After `save`, `user` is the new user."""

    email = forms.EmailField(label="收到邀请的邮箱", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    name = PlainField(label="姓名", max_length=30, widget=forms.TextInput({"autocomplete": "name"}))
    phone = PlainField(
        label="电话", max_length=20, required=False, widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"})
    )
    username = forms.CharField(
        label="用户名",
        max_length=30,
        validators=SignUp._meta.get_field("username").validators,
        help_text="希望使用的用户名，可用文字、字母、数字和 . @ - _；实际用户名以下一页显示的为准",
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        help_text=lazy(password_validators_help_text_html, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label="再次输入密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    user: User | None = None

    def __init__(self, invitation: Invitation, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        for field in self.fields.values():
            field.error_messages["required"] = "请填写。"

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password") and cleaned["password"] != cleaned.get("password_again"):
            self.add_error("password_again", "两次输入的密码不一样，请重新输入。")
        return cleaned

    def _save(self, values: dict) -> None:
        fields = {name: values[name] for name in ("email", "username", "name", "phone", "password")}
        self.user = accept_with_new_user(self.invitation, **fields)
