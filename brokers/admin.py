from django.contrib import admin
from django.db.models import ManyToManyField, QuerySet
from django.forms import Form, ModelForm, MultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm, with_reason
from brokers.models import Agency, Broker
from brokers.services.directory import deactivate_broker, reactivate_broker, verify_agency, withdraw_verification
from brokers.services.exporting import export_agencies, export_brokers
from core.downloads import send_download

VERIFY_PERMISSION = ["brokers.verify_agency"]
CHANGE_BROKER_PERMISSION = ["brokers.change_broker"]
CHECKBOXES = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}
"""Checkboxes instead of a multiple select: the lists are short."""


class AgencyForm(ModelForm):
    services = MultipleChoiceField(
        label="服务类型",
        choices=Agency.Service.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    class Meta:
        model = Agency
        fields = "__all__"  # noqa: DJ007  (the admin names the fields it shows)


class VerifiedFilter(admin.SimpleListFilter):
    title, parameter_name = "核验", "verified"

    def lookups(self, request: HttpRequest, model_admin):
        return [("yes", "已核验"), ("no", "待核验")]

    def queryset(self, request: HttpRequest, queryset):
        return queryset.filter(verified_at__isnull=self.value() == "no") if self.value() else queryset


class CertificateFilter(admin.SimpleListFilter):
    title, parameter_name = "证书", "certificate"

    def lookups(self, request: HttpRequest, model_admin):
        return [("valid", "有效"), ("expired", "已过期")]

    def queryset(self, request: HttpRequest, queryset):
        expired = {"expires_on__lt": timezone.localdate()}
        if self.value() == "expired":
            return queryset.filter(**expired)
        return queryset.exclude(**expired) if self.value() == "valid" else queryset


@admin.register(Agency)
class AgencyAdmin(StaffAdmin):
    form = AgencyForm
    list_display = ["name", "kind", "services_shown", "region", "state", "updated_at"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        VerifiedFilter,
        ("industries", RelatedDropdownFilter),
        ("regions", RelatedDropdownFilter),
    ]
    list_select_related = ["organisation__stat_region"]
    search_fields = ["organisation__name", "organisation__short_name", "public_id"]
    search_help_text = "机构名称或编号"
    ordering = ["organisation__name"]
    autocomplete_fields = ["organisation"]
    formfield_overrides = CHECKBOXES
    fields = [
        *("organisation", "kind", "services", "industries", "regions"),
        *("contact_masked", "verified_at", "verified_by", "source_file", "source_row"),
    ]
    readonly_fields = ["contact_masked", "verified_at", "verified_by", "source_file", "source_row"]
    actions = ["verify_all", "withdraw_all", "export"]
    actions_detail = ["verify", "withdraw"]
    actions_list = ["import_sheet"]

    def has_verify_agency_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brokers.verify_agency")

    def has_export_agency_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brokers.export_agency")

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "organisation"] if obj else fields

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """Either verify or withdraw."""
        agency = self.get_object(request, object_id) if object_id else None
        wanted = "withdraw" if agency and agency.verified_at else "verify"
        steps = super().get_actions_detail(request, object_id)
        return [step for step in steps if step.action_name.endswith(f"_{wanted}")]

    @display(description="机构", ordering="organisation__name")
    def name(self, agency):
        return agency.organisation.name

    @display(description="服务类型")
    def services_shown(self, agency):
        return "、".join(agency.service_labels)

    @display(description="所在区市县", ordering="organisation__stat_region__order")
    def region(self, agency):
        return agency.organisation.stat_region

    @display(description="核验", ordering="verified_at", label={"已核验": "success", "待核验": "warning"})
    def state(self, agency):
        return "已核验" if agency.verified_at else "待核验"

    @display(description="联系人")
    def contact_masked(self, agency):
        return f"{agency.contact.masked_name} {agency.contact.masked_phone}" if agency.contact else None

    @admin.action(description="核验所选机构", permissions=["verify_agency"])
    def verify_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.run_on(request, queryset, verify_agency, done="已核验 %(count)s 家机构。")

    @admin.action(description="撤销核验", permissions=["verify_agency"])
    def withdraw_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        form, response = self.ask_reason(request, queryset, "withdraw_all", title="撤销核验", submit="撤销核验")
        if response:
            return response
        reason = form.cleaned_data["reason"]
        done = "已撤销 %(count)s 家机构的核验。"
        self.run_on(request, queryset, withdraw_verification, done=done, reason=reason)
        return None

    @admin.action(description="导出 Excel", permissions=["export_agency"])
    def export(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return send_download(export_agencies(queryset, by=user_of(request)), "服务机构.xlsx")

    @action(description="导入表格", icon="upload", permissions=["brokers.import_agency"])
    def import_sheet(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("import_start", kwargs={"kind": "agencies"}))

    @action(
        description="核验通过",
        permissions=VERIFY_PERMISSION,
        dialog=confirm("核验通过这家机构？", "核验后进入公开名录。", "核验通过"),
    )
    def verify(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        agency = self.staff_object(request, object_id)
        self.run_on(request, [agency], verify_agency, done="已核验。")
        return self.back(request, self.change_url(agency))

    @action(
        description="撤销核验",
        permissions=VERIFY_PERMISSION,
        dialog=with_reason("撤销核验", "撤销后不再出现在公开名录。", "撤销核验"),
    )
    def withdraw(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        agency, reason = self.staff_object(request, object_id), form.cleaned_data["reason"]
        self.run_on(request, [agency], withdraw_verification, done="已撤销核验。", reason=reason)
        return self.back(request, self.change_url(agency))


@admin.register(Broker)
class BrokerAdmin(StaffAdmin):
    list_display = ["name", "agency", "level", "certificate_number", "expires_on", "state"]
    list_filter = [
        ("level", ChoicesDropdownFilter),
        CertificateFilter,
        "is_active",
        ("industries", RelatedDropdownFilter),
        ("regions", RelatedDropdownFilter),
    ]
    list_select_related = ["agency__organisation"]
    search_fields = ["name", "certificate_number", "agency__organisation__name"]
    search_help_text = "姓名、证书号或机构"
    autocomplete_fields = ["agency", "user"]
    formfield_overrides = CHECKBOXES
    fields = [
        *("name", "agency", "user", "level", "certificate_number", "certified_by", "issued_on", "expires_on"),
        *("title", "industries", "regions", "contact_masked", "is_active", "source_file", "source_row"),
    ]
    readonly_fields = ["contact_masked", "is_active", "source_file", "source_row"]
    actions = ["export"]
    actions_detail = ["deactivate", "reactivate"]
    actions_list = ["import_sheet"]

    def has_export_broker_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brokers.export_broker")

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """Either deactivate or reactivate."""
        broker = self.get_object(request, object_id) if object_id else None
        wanted = "reactivate" if broker and not broker.is_active else "deactivate"
        steps = super().get_actions_detail(request, object_id)
        return [step for step in steps if step.action_name.endswith(f"_{wanted}")]

    @display(
        description="状态",
        ordering="is_active",
        label={"执业中": "success", "证书已过期": "warning", "停止执业": "danger"},
    )
    def state(self, broker):
        if not broker.is_active:
            return "停止执业"
        return "执业中" if broker.certificate_is_valid else "证书已过期"

    @display(description="联系方式")
    def contact_masked(self, broker):
        return f"{broker.contact.masked_phone} {broker.contact.masked_email}" if broker.contact else None

    @admin.action(description="导出 Excel", permissions=["export_broker"])
    def export(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return send_download(export_brokers(queryset, by=user_of(request)), "技术经纪人.xlsx")

    @action(description="导入表格", icon="upload", permissions=["brokers.import_broker"])
    def import_sheet(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("import_start", kwargs={"kind": "brokers"}))

    @action(
        description="停止执业",
        permissions=CHANGE_BROKER_PERMISSION,
        dialog=with_reason("停止执业", "不再公开，也不能再受邀跟进对接。", "停止执业"),
    )
    def deactivate(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        broker, reason = self.staff_object(request, object_id), form.cleaned_data["reason"]
        self.run_on(request, [broker], deactivate_broker, done="已停止执业。", reason=reason)
        return self.back(request, self.change_url(broker))

    @action(
        description="恢复执业",
        permissions=CHANGE_BROKER_PERMISSION,
        dialog=confirm("恢复执业？", submit="恢复执业"),
    )
    def reactivate(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        broker = self.staff_object(request, object_id)
        self.run_on(request, [broker], reactivate_broker, done="已恢复执业。")
        return self.back(request, self.change_url(broker))
