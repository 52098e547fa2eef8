from django.contrib import admin
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateFilter

from accounts.models import SourceFile
from audit.changes import told
from audit.models import AuditRecord
from audit.services import record
from audit.staff_admin import StaffAdmin, without_link
from core.downloads import send_stored


class ReadOnlyAdmin(StaffAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "action", "object_label", "ip", "origin"]
    list_filter = [("at", RangeDateFilter), ("action", FieldTextFilter), ("actor_name", FieldTextFilter)]
    search_fields = ["object_label", "actor_name", "action", "=object_id"]
    search_help_text = gettext_lazy("按对象、操作人或动作查找")
    fields = ["at", "actor_name", "action", "object_type", "object_id", "object_label", "what_changed", "ip", "origin"]
    show_full_result_count = False

    @admin.display(description=gettext_lazy("变更"))
    def what_changed(self, obj):
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in told(obj.changes)))
        return format_html("<ul>{}</ul>", lines) if lines else self.empty_value_display


@admin.register(SourceFile)
class SourceFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "organisation", "uploaded_by", "uploaded_at", "written_at", "created_rows"]
    list_filter = [("kind", ChoicesDropdownFilter), ("uploaded_at", RangeDateFilter)]
    list_select_related = ["organisation", "uploaded_by"]
    search_fields = ["name", "sha256", "organisation__name"]
    fields = [
        "name",
        "kind",
        "original",
        "size",
        "sha256",
        "unit",
        "uploader",
        "uploaded_at",
        "written_at",
        "created_rows",
        "unchanged_rows",
    ]

    unit = without_link(SourceFile, "organisation")
    uploader = without_link(SourceFile, "uploaded_by")

    def get_urls(self):
        download = path(
            "<path:object_id>/download/",
            self.admin_site.admin_view(self.download),
            name="accounts_sourcefile_download",
        )
        return [download, *super().get_urls()]

    @admin.display(description=gettext_lazy("原件"))
    def original(self, obj):
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:accounts_sourcefile_download", args=[obj.pk]), _("下载原件")
        )

    def download(self, request, object_id):
        """The sheet as it was uploaded, to who may see it; never opened or shown by us."""
        source_file = self.staff_object(request, object_id)
        if not self.has_view_permission(request, source_file):
            raise Http404
        answer = send_stored(source_file.file, source_file.name, "application/octet-stream")
        record(_("下载文件"), source_file, by=request.user)
        return answer
