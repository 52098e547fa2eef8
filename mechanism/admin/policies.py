from django.contrib import admin
from unfold.admin import TabularInline

from accounts.admin_base import StaffAdmin
from mechanism.models import Policy, PolicyCondition


class ConditionInline(TabularInline):
    model = PolicyCondition
    fields = ["subject", "field", "operator", "value", "words", "order"]
    extra = 0

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)  # a line of it, not a record of its own


@admin.register(Policy)
class PolicyAdmin(StaffAdmin):
    list_display = ["title", "kind", "issuer", "valid_from", "valid_to", "published_at"]
    list_filter = ["kind"]
    search_fields = ["title", "number", "issuer"]
    fields = [
        *("title", "kind", "number", "issuer", "source", "source_url", "summary", "who", "how", "materials"),
        *("valid_from", "valid_to", "published_at"),
    ]
    readonly_fields = ["published_at"]
    inlines = [ConditionInline]
