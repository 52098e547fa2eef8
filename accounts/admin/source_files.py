from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from accounts.models import SourceFile
from accounts.requests import user_of
from audit.services import record
from audit.staff_admin import ReadOnlyAdmin, without_link
from core.downloads import send_stored


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

    @admin.display(description="原件")
    def original(self, obj: SourceFile) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:accounts_sourcefile_download", args=[obj.pk]), "下载原件"
        )

    def download(self, request: HttpRequest, object_id: str) -> FileResponse:
        """The uploaded file, unchanged, as an attachment."""
        source_file = self.staff_object(request, object_id)
        if not self.has_view_permission(request, source_file):
            raise Http404
        response = send_stored(source_file.file, source_file.name, "application/octet-stream")
        record("下载文件", source_file, by=user_of(request))
        return response
