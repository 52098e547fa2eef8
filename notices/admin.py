from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin
from notices import services
from notices.admin_urls import text_urls
from notices.models import Delivery, Notice


@admin.register(Delivery)
class DeliveryAdmin(StaffAdmin):
    """Deliveries and their errors, read-only."""

    list_display = [
        *("made_at", "channel", "recipient", "masked", "subject", "state"),
        *("attempts", "sent_at", "delivered_at", "error"),
    ]
    list_filter = ["status", "channel", "day"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__name", "recipient__username", "subject"]
    fields = [*list_display, "body"]
    readonly_fields = fields
    actions = ["send_again"]

    def get_urls(self):
        return [*text_urls(self.admin_site), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Delivery | None = None) -> list[str]:
        """The body is shown to city staff only, and never that of a single mail: it holds a personal link."""
        is_single_mail = obj is not None and obj.channel == Delivery.Channel.SINGLE_MAIL
        return self.fields if user_of(request).scope.sees_all and not is_single_mail else self.list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_resend_delivery_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notices.resend_delivery")

    @display(description="地址")
    def masked(self, delivery: Delivery) -> str:
        return delivery.masked_address

    @display(
        description="状态",
        ordering="status",
        label={"待发送": "warning", "已发送": "success", "已送达": "success", "发送失败": "danger", "不再发送": "info"},
    )
    def state(self, delivery: Delivery) -> str:
        return delivery.state_text

    @admin.action(description="重新发送失败的", permissions=["resend_delivery"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.run_on(request, queryset, services.send_again, done="已把 %(count)s 条放回待发送。")


def notice_badge(request: HttpRequest) -> int | None:
    """The number of unread notices for the menu of the staff desk; None shows no badge."""
    return Notice.objects.for_user(user_of(request)).unread().count() or None
