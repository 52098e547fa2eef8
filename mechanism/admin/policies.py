from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import action, display

from audit.staff_admin import StaffAdmin, confirm, with_reason
from mechanism.models import ObstacleKind, Policy, PolicyCondition
from mechanism.services.policies import publish_policy, unpublish_policy


class ConditionInline(TabularInline):
    model = PolicyCondition
    fields = ["subject", "field", "operator", "value", "words", "order"]
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return self.has_change_permission(request, obj)  # part of the policy, not a record of its own


@admin.register(ObstacleKind)
class ObstacleKindAdmin(StaffAdmin):
    list_display = ["name", "order", "is_active"]
    fields = ["name", "order", "is_active"]


@admin.register(Policy)
class PolicyAdmin(StaffAdmin):
    list_display = ["title", "kind", "issuer", "valid_from", "valid_to", "state"]
    list_filter = ["kind"]
    search_fields = ["title", "number", "issuer"]
    fields = [
        *("title", "kind", "number", "issuer", "source", "source_url", "summary", "who", "how", "materials"),
        *("valid_from", "valid_to", "published_at"),
    ]
    readonly_fields = ["published_at"]
    inlines = [ConditionInline]
    actions_detail = ["publish", "unpublish"]

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        """Either publish or unpublish, depending on the state."""
        policy = self.get_object(request, object_id) if object_id else None
        wanted = "unpublish" if policy and policy.published_at else "publish"
        steps = super().get_actions_detail(request, object_id)
        return [step for step in steps if step.action_name.endswith(f"_{wanted}")]

    @display(description="状态", label={"已公开": "success", "未公开": "warning"})
    def state(self, policy):
        return "已公开" if policy.published_at else "未公开"

    @action(
        description="公开",
        permissions=["mechanism.change_policy"],
        dialog=confirm("公开这条政策？", "所有人都能看到，符合条件的企业和成果会得到提示。", "公开"),
    )
    def publish(self, request: HttpRequest, form, object_id):
        policy = self.staff_object(request, object_id)
        self.run_on(request, [policy], publish_policy, done="已公开。")
        return self.back(request, self.change_url(policy))

    @action(
        description="撤下",
        permissions=["mechanism.change_policy"],
        dialog=with_reason("撤下这条政策", "不再公开，也不再提示。", "撤下"),
    )
    def unpublish(self, request: HttpRequest, form, object_id):
        policy, reason = self.staff_object(request, object_id), form.cleaned_data["reason"]
        self.run_on(request, [policy], unpublish_policy, done="已撤下。", reason=reason)
        return self.back(request, self.change_url(policy))
