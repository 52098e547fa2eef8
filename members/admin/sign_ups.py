from typing import Any

from django.contrib import admin
from django.forms import MultipleChoiceField
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import SignUp
from accounts.requests import user_of
from accounts.services.contacts import reveal_applicant
from accounts.services.members import has_active_members
from audit.services import record
from audit.staff_admin import ReasonForm, StaffAdmin, with_reason, without_link
from core.downloads import send_stored
from core.file_validation import CONTENT_TYPES
from core.masking import mask_email, mask_name, mask_phone
from members.services.join_requests import approve_for_silent_firm, dismiss_objection
from members.services.sign_ups import (
    CHECKS,
    approve_sign_up,
    organisation_of,
    other_open_applications,
    reject_sign_up,
)


class ApprovalForm(BaseDialogForm):
    checks = MultipleChoiceField(
        label="核对过什么",
        choices=[(check, check) for check in CHECKS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": "请勾选您核对过什么，至少一项。"},
    )


class SilentFirmForm(ApprovalForm, ReasonForm):
    """City staff decide for a firm whose users do not answer: what was checked, and why."""


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
        "situation",
        "others",
        "firm_name",
        "credit_code",
        "region",
        "username",
        "masked_name",
        "masked_phone",
        "masked_email",
        "licence",
        "consented_at",
        "submitted_at",
        "decider",
        "decided_at",
        "checks",
        "decision_note",
    ]
    actions = ["reject_all"]
    actions_detail = ["approve", "approve_silent", "reject", "dismiss", "reveal"]

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

    def get_urls(self):
        download = path(
            "<path:object_id>/download/", self.admin_site.admin_view(self.download), name="accounts_signup_proof"
        )
        return [download, *super().get_urls()]

    def get_actions_detail(self, request: HttpRequest, object_id):
        """Offer what is possible now: no decision of a decided application, none of staff where the firm decides."""
        allowed = super().get_actions_detail(request, object_id)
        sign_up = SignUp.objects.filter(pk=object_id).first()
        offered = {"reveal"}
        if sign_up is not None and sign_up.status == SignUp.Status.SUBMITTED:
            is_city = user_of(request).scope.is_city
            offered |= {"reject"}
            if sign_up.answer_due_on is None:
                offered |= {"approve", "dismiss"} if sign_up.objected_at and is_city else {"approve"}
            elif is_city:
                offered |= {"approve_silent"}
        return [action for action in allowed if action.action_name.removeprefix("accounts_signup_") in offered]

    @admin.display(description="名录核对")
    def situation(self, obj: SignUp) -> str:
        """What the registry knows of the firm, and who decides."""
        if obj.status != SignUp.Status.SUBMITTED:
            return "—"
        if obj.objected_at:
            who = obj.objected_by.name if obj.objected_by else "登记的联系人"
            return f"有异议，不能直接通过。{who}：{obj.objection}"
        if obj.answer_due_on:
            return (
                f"企业已有用户，由企业的管理员决定，答复期限 {obj.answer_due_on:%Y-%m-%d}。"
                "期限过后仍无人答复的，由市级专员凭证明材料办理。"
            )
        firm = organisation_of(obj)
        if firm is None:
            return "名录中没有这家企业，通过后新建。请核对营业执照。"
        if has_active_members(firm):
            return f"“{firm.name}”已有用户，正在告知该企业。"
        return f"“{firm.name}”已在名录中，还没有用户。通过后申请人能看到它的全部需求，必须有证明材料。"

    @admin.display(description="同一企业的其他申请")
    def others(self, obj: SignUp) -> str:
        rows = other_open_applications(obj) if obj.status == SignUp.Status.SUBMITTED else []
        if not rows:
            return "—"
        lines = ((f"{mask_name(row.name)} {mask_phone(row.phone)}，{row.submitted_at:%Y-%m-%d}",) for row in rows)
        items = format_html_join("", "<li>{}</li>", lines)
        return format_html("<p>有多人申请同一企业，请逐一核实，通过一份会退回其余的。</p><ul>{}</ul>", items)

    @admin.display(description="证明材料")
    def licence(self, obj: SignUp) -> str:
        if not obj.proof:
            return "没有"
        url = reverse("admin:accounts_signup_proof", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', url, obj.proof_name)

    def download(self, request: HttpRequest, object_id: str) -> FileResponse:
        """The uploaded proof, as an attachment, for those who decide and for auditors; each download is recorded.

        A proof for a firm with users is for the city, which decides it, and for auditors.
        """
        sign_up = self.staff_object(request, object_id)
        scope = user_of(request).scope
        may_read = scope.sees_all or (scope.is_district and sign_up.answer_due_on is None)
        if not (sign_up.proof and may_read and self.has_view_permission(request, sign_up)):
            raise Http404
        kind = sign_up.proof.name.rpartition(".")[2]
        response = send_stored(sign_up.proof, sign_up.proof_name, CONTENT_TYPES[kind])
        record("下载证明材料", sign_up, by=user_of(request))
        return response

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
        dialog=with_reason(
            "通过这份注册申请",
            "建立账号并成为企业的管理员，可立即登录，能看到名录中这家企业的全部记录。请先核实申请人与企业的关系。",
            "通过申请",
            ApprovalForm,
        ),
    )
    def approve(self, request: HttpRequest, form, object_id):
        return self._run(request, object_id, approve_sign_up, "已通过 %(count)s 份申请。", form)

    @action(
        description="代企业通过",
        icon="gavel",
        permissions=["accounts.change_signup"],
        dialog=with_reason(
            "代企业通过这份加入申请",
            "企业已有用户但在期限内没有答复。须有证明材料，没有异议；企业的全部用户会收到消息。理由会留下记录。",
            "代为通过",
            SilentFirmForm,
        ),
    )
    def approve_silent(self, request: HttpRequest, form, object_id):
        return self._run(request, object_id, approve_for_silent_firm, "已代企业通过 %(count)s 份申请。", form)

    @action(
        description="驳回异议",
        icon="undo",
        permissions=["accounts.change_signup"],
        dialog=with_reason("驳回联系人的异议", "写明查明的情况。驳回后可以按一般申请审核。", "驳回异议"),
    )
    def dismiss(self, request: HttpRequest, form, object_id):
        return self._run(request, object_id, dismiss_objection, "已驳回 %(count)s 项异议。", form)

    def _run(self, request: HttpRequest, object_id: str, service: Any, done: str, form: BaseDialogForm):
        sign_up = self.staff_object(request, object_id)
        values = {name: form.cleaned_data[name] for name in ("checks", "reason") if name in form.cleaned_data}
        self.run_on(request, [sign_up], service, done=done, **values)
        return self.back(request, self.change_url(sign_up))

    @action(
        description="退回",
        icon="undo",
        permissions=["accounts.change_signup"],
        dialog=with_reason("退回这份注册申请", "理由会显示给申请人。", "退回申请"),
    )
    def reject(self, request: HttpRequest, form, object_id):
        return self._run(request, object_id, reject_sign_up, "已退回 %(count)s 份申请。", form)

    @action(
        description="查看联系方式",
        icon="visibility",
        permissions=["accounts.change_signup"],
        dialog=with_reason("查看联系方式", "写明用途；谁在什么时候为何查看会留下记录。", "查看"),
    )
    def reveal(self, request: HttpRequest, form, object_id):
        sign_up = self.staff_object(request, object_id)
        return self.reveal_once(request, reveal_applicant, sign_up, form)
