from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.functional import lazy

from accounts.models import Region, SignUp
from core.forms import model_choice
from sheets.credit_code import normalize_credit_code


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对，请检查大小写和输入法。连续输错 5 次将锁定 15 分钟。",
        "inactive": "这个账号已停用，请联系所在单位或系统管理员。",
    }


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
    consent = forms.BooleanField(
        label="我同意平台为审核注册、通知对接而保存以上联系信息",
        help_text="联系信息只向审核人员显示，每次查看都留有记录；可随时要求更正、删除或撤回同意。",
        error_messages={"required": "请勾选同意，否则不能保存您的联系方式，也就不能受理注册。"},
    )

    class Meta:
        model = SignUp
        fields = ["firm_name", "credit_code", "stat_region", "name", "phone", "email", "username"]
        help_texts = {
            "firm_name": "与营业执照一致",
            "credit_code": "18 位，见营业执照；校验位不对会提示",
            "stat_region": "由该区市县的科技部门审核",
            "phone": "审核人员可能致电核实",
            "email": "",
            "username": "以后用它登录，可用文字、字母、数字和 . @ - _",
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

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("password") and cleaned["password"] != cleaned.get("password_again"):
            self.add_error("password_again", "两次输入的密码不一样，请重新输入。")
        return cleaned

    @property
    def service_arguments(self) -> dict:
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return fields | {"password": self.cleaned_data["password"], "consented": self.cleaned_data["consent"]}
