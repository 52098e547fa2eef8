"""What concerns sign-in on the admin page of a user."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.decorators import action

from accounts.admin.users import UserAdmin
from accounts.models import User
from accounts.services.sign_ins import unlock_user
from audit.staff_admin import confirm, with_reason
from authentication.models import AccountMail
from authentication.services.account_mails import tell_user
from authentication.services.second_factors import reset_second_factor
from authentication.services.sign_in_limits import forget_failures
from core.masking import mask_email

UNUSED: tuple[type[Model], ...] = (Authenticator, EmailAddress)
for model in UNUSED:  # allauth's own pages would show secrets, and addresses that are not used
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.unregister(User)


def unlock(user: User, *, by: User) -> None:
    unlock_user(user, by=by)
    forget_failures(user.username)


@admin.register(User)
class SignInUserAdmin(UserAdmin):
    actions_detail = [*UserAdmin.actions_detail, "reset_factor"]

    def save_model(self, request: HttpRequest, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "new_email" in form.changed_data:
            sentence = f"系统管理员把您的邮箱改成了 {mask_email(obj.email)}。您没有提出的话，请联系所在单位。"
            tell_user(obj, AccountMail.Kind.FACTOR, sentence, key="address by administrator")

    def user_change_password(self, request: HttpRequest, id, form_url=""):
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            user = User.objects.get(pk=id)
            sentence = "系统管理员重置了您的密码，其他登录都已退出。您没有提出的话，请联系所在单位。"
            tell_user(user, AccountMail.Kind.FACTOR, sentence, key="password by administrator")
            forget_failures(user.username)
        return response

    @action(
        description="解除登录锁定",
        icon="lock_open",
        permissions=["accounts.change_user"],
        dialog=confirm("解除登录锁定", submit="解除锁定"),
    )
    def unlock(self, request: HttpRequest, form, object_id):
        user = self.staff_object(request, object_id)
        self.run_on(request, [user], unlock, done="已解除登录锁定。")
        return self.back(request, self.change_url(user))

    @action(
        description="重置二次验证",
        icon="phonelink_erase",
        permissions=["accounts.change_user"],
        dialog=with_reason("重置这位用户的二次验证", "核实本人身份后再办；本人会收到通知。", "重置"),
    )
    def reset_factor(self, request: HttpRequest, form, object_id):
        user = self.staff_object(request, object_id)
        self.run_on(request, [user], reset_second_factor, done="已重置二次验证。", reason=form.cleaned_data["reason"])
        return self.back(request, self.change_url(user))
