from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对，请检查大小写和输入法。连续输错 5 次将锁定 15 分钟。",
        "inactive": "这个账号已停用，请联系所在单位或系统管理员。",
    }
