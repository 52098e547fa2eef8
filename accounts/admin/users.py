from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from accounts.models import Membership, User
from accounts.services.members import reactivate_user, suspend_user
from accounts.services.sign_ins import unlock_user
from audit.services import record
from audit.staff_admin import ReadOnlyAdmin, StaffAdmin, confirm, with_reason
from core.masking import mask_email, mask_phone
from core.roles import GROUP_NAMES

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """Read-only list of the permissions of each role; migrations define them."""

    list_display = ["name"]
    search_fields = ["name"]
    fields = ["name", "rights"]

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset.filter(name__in=GROUP_NAMES.values())

    @admin.display(description="权限")
    def rights(self, obj: Group) -> str:
        verbs = {
            "view": "查看",
            "add": "新建",
            "change": "修改",
            "review": "审核",
            "register": "入库",
            "verify": "核验",
            "import": "导入",
            "export": "导出",
            "close": "截止",
            "ask": "委托",
        }
        by_model: dict[str, list[str]] = {}
        for permission in obj.permissions.select_related("content_type").order_by("content_type", "codename"):
            verb = permission.codename.partition("_")[0]
            by_model.setdefault(permission.content_type.name, []).append(str(verbs.get(verb, permission.name)))
        return format_html(
            "<ul>{}</ul>",
            format_html_join("", "<li>{}：{}</li>", ((model, "、".join(may)) for model, may in by_model.items())),
        )


class MembershipInline(TabularInline):
    """Roles of the user; each links to its own page, where it can be ended."""

    model = Membership
    extra = 0
    fields = readonly_fields = ["organisation", "role"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation", "user")

    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


class ContactChangeForm(forms.ModelForm):
    """Phone and mail are changed through blank fields, so that the form does not show the stored values."""

    new_phone = forms.CharField(label="新手机", required=False, max_length=20, widget=UnfoldAdminTextInputWidget)
    new_email = forms.EmailField(label="新邮箱", required=False, widget=UnfoldAdminEmailInputWidget)

    def save(self, commit: bool = True) -> User:
        self.instance.phone = self.cleaned_data.get("new_phone") or self.instance.phone
        self.instance.email = self.cleaned_data.get("new_email") or self.instance.email
        return super().save(commit)


class UserForm(ContactChangeForm):
    class Meta:
        model = User
        fields = ["username", "name"]


class NewUserForm(ContactChangeForm, UserCreationForm):
    usable_password = None  # all users log in with a password

    class Meta:
        model = User
        fields = ["username", "name"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, StaffAdmin):
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    private_fields = StaffAdmin.private_fields | {"new_phone", "new_email", "password1", "password2"}
    list_display = ["username", "name", "roles", "is_active", "last_login"]
    list_filter = ["is_active", ("memberships__role", ChoicesDropdownFilter)]
    search_fields = ["username", "name", "memberships__organisation__name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = ["reset_password", "masked_phone", "masked_email", "is_active", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "name", "reset_password"]}),
        ("联系方式", {"fields": [("masked_phone", "new_phone"), ("masked_email", "new_email")]}),
        ("状态", {"fields": ["is_active", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "name", "password1", "password2"]}),
        ("联系方式", {"fields": ["new_phone", "new_email"]}),
    ]
    inlines = [MembershipInline]
    actions_detail = ["join", "suspend", "reactivate", "unlock"]

    masked_phone = admin.display(description="手机")(lambda self, obj: mask_phone(obj.phone) or "—")
    masked_email = admin.display(description="邮箱")(lambda self, obj: mask_email(obj.email) or "—")

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("memberships__organisation")

    def get_inlines(self, request: HttpRequest, obj):
        return self.inlines if obj else []

    @admin.display(description="任职")
    def roles(self, obj: User) -> str:
        return "；".join(f"{m.organisation.name} {m.get_role_display()}" for m in obj.memberships.all()) or "—"

    @admin.display(description="密码")
    def reset_password(self, obj: User) -> str:
        url = reverse("admin:auth_user_password_change", args=[obj.pk])
        return format_html('<a class="text-primary-600" href="{}">{}</a>', url, "重置密码")

    def get_actions_detail(self, request: HttpRequest, object_id):
        """Offer `suspend` for active users and `reactivate` for others."""
        unavailable = "suspend" if not User.objects.filter(pk=object_id, is_active=True).exists() else "reactivate"
        allowed = super().get_actions_detail(request, object_id)
        return [action for action in allowed if not action.action_name.endswith(unavailable)]

    def user_change_password(self, request: HttpRequest, id, form_url=""):
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            record("重置密码", self.staff_object(request, id), by=request.user)
        return response

    @action(description="加入单位", icon="group_add", permissions=["accounts.add_membership"])
    def join(self, request: HttpRequest, object_id):
        return redirect(f"{reverse('admin:accounts_membership_add')}?user={self.staff_object(request, object_id).pk}")

    @action(
        description="停用",
        icon="block",
        permissions=["accounts.change_user"],
        dialog=with_reason("停用这位用户", "立即退出登录。", "停用"),
    )
    def suspend(self, request: HttpRequest, form, object_id):
        user = self.staff_object(request, object_id)
        done = "已停用 %(count)s 位用户。"
        self.run_on(request, [user], suspend_user, done=done, reason=form.cleaned_data["reason"])
        return self.back(request, self.change_url(user))

    @action(
        description="恢复",
        icon="undo",
        permissions=["accounts.change_user"],
        dialog=confirm("恢复这位用户", submit="恢复"),
    )
    def reactivate(self, request: HttpRequest, form, object_id):
        user = self.staff_object(request, object_id)
        self.run_on(request, [user], reactivate_user, done="已恢复 %(count)s 位用户。")
        return self.back(request, self.change_url(user))

    @action(
        description="解除登录锁定",
        icon="lock_open",
        permissions=["accounts.change_user"],
        dialog=confirm("解除登录锁定", submit="解除锁定"),
    )
    def unlock(self, request: HttpRequest, form, object_id):
        user = self.staff_object(request, object_id)
        self.run_on(request, [user], unlock_user, done="已解除登录锁定。")
        return self.back(request, self.change_url(user))
