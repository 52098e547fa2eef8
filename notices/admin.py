from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.staff_admin import StaffAdmin
from notices import services
from notices.models import Delivery, Notice


@admin.register(Delivery)
class DeliveryAdmin(StaffAdmin):
    """What was sent to whom, and what could not be."""

    list_display = ["made_at", "channel", "recipient", "masked", "subject", "state", "attempts", "sent_at", "error"]
    list_filter = ["status", "channel", "day"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__name", "recipient__username", "subject"]
    fields = [*list_display, "body"]
    readonly_fields = fields
    actions = ["send_again"]

    def get_fields(self, request, obj=None):
        """A system administrator sees whether mail arrives, not what it says. Nobody reads a letter here: its link
        answers for whom it was sent to."""
        is_letter = obj is not None and obj.channel == Delivery.Channel.LETTER
        return self.fields if request.user.scope.sees_all and not is_letter else self.list_display

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_resend_delivery_permission(self, request):
        return request.user.has_perm("notices.resend_delivery")

    @display(description=_("地址"))
    def masked(self, delivery):
        return delivery.masked_address

    @display(
        description=_("状态"),
        ordering="status",
        label={"待发送": "warning", "已发送": "success", "发送失败": "danger", "不再发送": "info"},
    )
    def state(self, delivery):
        return delivery.get_status_display()

    @admin.action(description=_("重新发送失败的"), permissions=["resend_delivery"])
    def send_again(self, request, queryset):
        self.run_on(request, queryset, services.send_again, done=_("已把 %(count)s 条放回待发送。"))


def notice_badge(request) -> int | None:
    return Notice.objects.of(request.user).unread().count() or None
