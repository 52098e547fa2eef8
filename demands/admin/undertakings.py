from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display

from audit.staff_admin import ReadOnlyAdmin, confirm, with_reason, without_link
from demands.models import Undertaking
from demands.services.undertakings import allow_undertaking, end_undertaking

CHANGE = ["demands.change_undertaking"]


@admin.register(Undertaking)
class UndertakingAdmin(ReadOnlyAdmin):
    list_display = ["organisation", "version", "state", "signed_by", "signed_at", "valid_until"]
    list_filter = [("organisation", RelatedDropdownFilter)]
    list_select_related = ["organisation", "signed_by"]
    search_fields = ["organisation__name"]
    fields = readonly_fields = [
        *("institution", "version", "state", "signer", "signed_at", "valid_until"),
        *("ender", "ended_at", "end_reason", "is_barred"),
    ]
    actions_detail = ["end", "allow"]

    institution = without_link(Undertaking, "organisation")
    signer = without_link(Undertaking, "signed_by")
    ender = without_link(Undertaking, "ended_by")

    def managed_by(self, queryset, user):
        """All rows: only city staff and auditors have the permission to see the list."""
        return queryset

    @display(description="状态", label={"有效": "success", "已终止": "danger", "已到期或文本更新": "warning"})
    def state(self, obj: Undertaking) -> str:
        if obj.ended_at:
            return "已终止"
        return "有效" if obj.is_in_force else "已到期或文本更新"

    @action(
        description="终止",
        icon="block",
        permissions=CHANGE,
        dialog=with_reason(
            "终止这份保密承诺", "该单位立即只能看公开摘要，也不能自行重新签署；理由会显示给该单位。", "终止"
        ),
    )
    def end(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], end_undertaking, done="已终止。", reason=form.cleaned_data["reason"])
        return self.back(request, self.change_url(row))

    @action(
        description="允许重新签署",
        icon="check",
        permissions=CHANGE,
        dialog=confirm("允许该单位重新签署？", "该单位可以在工作台重新签署保密承诺。", "允许"),
    )
    def allow(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], allow_undertaking, done="已允许。")
        return self.back(request, self.change_url(row))
