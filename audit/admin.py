from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateFilter

from audit.models import AuditRecord
from audit.staff_admin import ReadOnlyAdmin
from audit.wording import describe_record, object_kind


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "action", "object_label", "ip", "origin"]
    list_filter = [("at", RangeDateFilter), ("action", FieldTextFilter), ("actor_name", FieldTextFilter)]
    search_fields = ["object_label", "actor_name", "action", "=object_id"]
    search_help_text = "按对象、操作人或动作查找"
    fields = ["at", "actor_name", "action", "kind_of_object", "object_label", "what_changed", "ip", "origin"]
    show_full_result_count = False

    def get_object(self, request: HttpRequest, object_id, from_field=None):
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            obj.lines = describe_record(obj, request.user)
        return obj

    @admin.display(description="对象种类")
    def kind_of_object(self, obj: AuditRecord) -> str:
        return object_kind(obj)

    @admin.display(description="变更")
    def what_changed(self, obj: AuditRecord) -> str:
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in obj.lines))
        return format_html("<ul>{}</ul>", lines) if lines else self.empty_value_display
