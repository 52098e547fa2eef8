from accounts.services.sign_ups import approve_sign_up, reject_sign_up
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.models import SignUp
from accounts.requests import user_of
from accounts.services.contacts import reveal_applicant
from audit.staff_admin import StaffAdmin, confirm, with_reason, without_link
from core.masking import mask_email, mask_name, mask_phone


def sign_up_badge(request: HttpRequest) -> int | None:
    """The number of applications that the user can decide."""
    scope = user_of(request).scope
    if not (scope.is_city or scope.is_district):
        return None
    return SignUp.objects.visible_to(request.user).awaiting_approval().count() or None


@admin.register(SignUp)
class SignUpAdmin(StaffAdmin):
    list_display = ["firm_name", "credit_code", "stat_region", "state", "submitted_at", "decided_by", "decided_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("stat_region", RelatedDropdownFilter)]
    list_select_related = ["stat_region", "decided_by"]
    search_fields = ["firm_name", "credit_code", "username"]
    fields = readonly_fields = [
        "state",
        "firm_name",
        "credit_code",
        "region",
        "username",
        "masked_name",
        "masked_phone",
        "masked_email",
        "consented_at",
        "submitted_at",
        "decider",
        "decided_at",
        "decision_note",
    ]
    actions = ["approve_all", "reject_all"]
    actions_detail = ["approve", "reject", "reveal"]

    region = without_link(SignUp, "stat_region")
    decider = without_link(SignUp, "decided_by")
    masked_name = admin.display(description="联系人")(lambda self, obj: mask_name(obj.name))
    masked_phone = admin.display(description="联系电话")(lambda self, obj: mask_phone(obj.phone))
    masked_email = admin.display(description="邮箱")(lambda self, obj: mask_email(obj.email))

    @display(
        description="状态",
        ordering="status",
        label={"待审核": "warning", "已通过": "success", "未通过": "danger"},
    )
    def state(self, obj: SignUp) -> str:
        return obj.get_status_display()

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False  # applications are decided, not edited

    def has_decide_permission(self, request: HttpRequest):
        return request.user.has_perm("accounts.change_signup")

    def get_actions_detail(self, request: HttpRequest, object_id):
        """No decision actions for a decided application."""
        allowed = super().get_actions_detail(request, object_id)
        if SignUp.objects.awaiting_approval().filter(pk=object_id).exists():
            return allowed
        return [action for action in allowed if action.action_name.endswith("_reveal")]

    @admin.action(description="通过所选申请", permissions=["decide"])
    def approve_all(self, request: HttpRequest, queryset):
        self.run_on(request, queryset, approve_sign_up, done="已通过 %(count)s 份申请。")

    @admin.action(description="退回所选申请", permissions=["decide"])
    def reject_all(self, request: HttpRequest, queryset):
        form, response = self.ask_reason(request, queryset, "reject_all", title="退回所选申请", submit="退回申请")
        if response:
            return response
        self.run_on(
            request,
            queryset,
            reject_sign_up,
            done="已退回 %(count)s 份申请。",
            reason=form.cleaned_data["reason"],
        )

    @action(
        description="通过",
        icon="check",
        variant="success",
        permissions=["accounts.change_signup"],
        dialog=confirm("通过这份注册申请", "建立账号并加入企业；企业可立即登录。", "通过申请"),
    )
    def approve(self, request: HttpRequest, form, object_id):
        sign_up = self.staff_object(request, object_id)
        self.run_on(request, [sign_up], approve_sign_up, done="已通过 %(count)s 份申请。")
        return self.back(request, self.change_url(sign_up))

    @action(
        description="退回",
        icon="undo",
        permissions=["accounts.change_signup"],
        dialog=with_reason("退回这份注册申请", "理由会显示给申请人。", "退回申请"),
    )
    def reject(self, request: HttpRequest, form, object_id):
        sign_up = self.staff_object(request, object_id)
        self.run_on(
            request,
            [sign_up],
            reject_sign_up,
            done="已退回 %(count)s 份申请。",
            reason=form.cleaned_data["reason"],
        )
        return self.back(request, self.change_url(sign_up))

    @action(
        description="查看联系方式",
        icon="visibility",
        permissions=["accounts.change_signup"],
        dialog=with_reason("查看联系方式", "写明用途；谁在什么时候为何查看会留下记录。", "查看"),
    )
    def reveal(self, request: HttpRequest, form, object_id):
        sign_up = self.staff_object(request, object_id)
        return self.reveal_once(request, reveal_applicant, sign_up, form)
