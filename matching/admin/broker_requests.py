"""Admin of requests to brokers."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from audit.staff_admin import StaffAdmin
from matching.models import BrokerRequest


@admin.register(BrokerRequest)
class BrokerRequestAdmin(StaffAdmin):
    list_display = ["match", "broker", "state", "asked_by", "asked_at", "answered_at"]
    list_filter = ["status"]
    list_select_related = ["match__achievement", "match__demand", "broker", "asked_by"]
    search_fields = ["broker__name", "match__achievement__title", "match__demand__title"]
    readonly_fields = ["match", "broker", "status", "note", "asked_by", "asked_at", "answered_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @display(
        description="状态",
        ordering="status",
        label={"待答复": "warning", "已接受": "success", "已谢绝": "danger", "已撤回": "info"},
    )
    def state(self, request: BrokerRequest):
        return request.get_status_display()
