from django.contrib import admin
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateFilter

from audit.changes import describe_changes
from audit.models import AuditRecord
from audit.staff_admin import ReadOnlyAdmin


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "action", "object_label", "ip", "origin"]
    list_filter = [("at", RangeDateFilter), ("action", FieldTextFilter), ("actor_name", FieldTextFilter)]
    search_fields = ["object_label", "actor_name", "action", "=object_id"]
    search_help_text = "按对象、操作人或动作查找"
    fields = ["at", "actor_name", "action", "object_type", "object_id", "object_label", "what_changed", "ip", "origin"]
    show_full_result_count = False

    @admin.display(description="变更")
    def what_changed(self, obj: AuditRecord) -> str:
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in describe_changes(obj.changes)))
        return format_html("<ul>{}</ul>", lines) if lines else self.empty_value_display
