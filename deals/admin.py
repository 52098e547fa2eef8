"""Deals and contracts as lists for staff, who change one on its page of the workbench."""

from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.decorators import action, display

from audit.staff_admin import ReadOnlyAdmin, StaffAdmin
from deals.admin_urls import deal_urls
from deals.models import Contract, Deal, DealStep, Instalment, Landing, Payment, RegistrationRule


class ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False


class DealStepInline(ReadOnlyInline):
    model = DealStep
    fields = ["stage", "move", "on", "note", "person", "by"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("by")


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = ["received_on", "amount_wan", "note", "voucher", "check_result", "struck_reason"]
    readonly_fields = fields


class LandingInline(ReadOnlyInline):
    model = Landing
    fields = ["kind", "name", "credit_code", "capital_wan", "region", "landed_on", "check_result"]
    readonly_fields = fields


class InstalmentInline(ReadOnlyInline):
    model = Instalment
    fields = ["due_on", "amount_wan", "condition", "withdrawn_reason"]
    readonly_fields = fields


@admin.register(Deal)
class DealAdmin(ReadOnlyAdmin):
    list_display = ["name", "stage_shown", "origin", "seller", "buyer", "signed_wan", "stage_on", "page_link"]
    list_filter = ["stage", "origin", "way", "buyer__stat_region"]
    list_select_related = ["seller", "buyer"]
    search_fields = ["name", "seller__name", "buyer__name"]
    date_hierarchy = "stage_on"
    inlines = [DealStepInline, PaymentInline, LandingInline]
    fieldsets = [
        (None, {"fields": ["name", "stage", "stage_on", "origin", "seller", "buyer", "broker", "agency"]}),
        ("条件", {"fields": ["way", "licence", "pricing", "exclusive_from", "intent_wan", "signed_wan"]}),
        ("其他", {"fields": ["failed_reason", "made_at", "made_by", "page_link"]}),
    ]

    def get_urls(self):
        return [*deal_urls(self.admin_site), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["page_link", "made_at", "made_by"]

    @display(
        description="阶段",
        ordering="stage",
        label={"意向": "warning", "协议签约": "info", "未成": "danger", "落地": "success", "已复盘": "success"},
    )
    def stage_shown(self, deal):
        return deal.get_stage_display()

    @display(description="办理")
    def page_link(self, deal):
        return _link(reverse("deal", args=[deal.public_id]), "打开")


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = [
        *("number", "name", "status_shown", "kind", "seller_name", "buyer_name"),
        *("amount_wan", "tech_amount_wan", "registered_on", "page_link"),
    ]
    list_filter = ["status", "kind", "doubt", "is_seller_local", "is_buyer_local", "industry", "seller_region"]
    search_fields = ["number", "name", "seller_name", "buyer_name"]
    date_hierarchy = "registered_on"
    actions_list = ["import_sheet", "check_list"]
    inlines = [InstalmentInline]
    fieldsets = [
        (None, {"fields": ["number", "name", "kind", "status", "amount_wan", "tech_amount_wan"]}),
        ("双方", {"fields": ["seller_name", "seller_region", "buyer_name", "buyer_region", "broker", "agency"]}),
        ("日期", {"fields": ["signed_on", "registered_on", "cancelled_on", "cancelled_reason", "rule"]}),
        ("来源", {"fields": ["deal_link", "source_file", "source_row", "doubt", "duplicate_of", "page_link"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["page_link", "deal_link", "cancelled_reason", "doubt", "duplicate_of", "status"]

    @display(
        description="状态",
        ordering="status",
        label={"填报中": "warning", "已提交登记": "info", "已认定登记": "success", "已注销": "danger"},
    )
    def status_shown(self, contract):
        return contract.get_status_display()

    @display(description="办理")
    def page_link(self, contract):
        return _link(reverse("contract", args=[contract.public_id]), "打开")

    @display(description="成交项目")
    def deal_link(self, contract):
        return _link(reverse("deal", args=[contract.deal.public_id]), contract.deal) if contract.deal else "平台之外"

    @action(description="导入登记名单", permissions=["deals.add_registrationrule"])
    def import_sheet(self, request: HttpRequest):
        return redirect("import_start", kind="contracts")

    @action(description="核对名单", permissions=["deals.add_registrationrule"])
    def check_list(self, request: HttpRequest):
        return redirect("contract_worklist")


@admin.register(RegistrationRule)
class RegistrationRuleAdmin(StaffAdmin):
    list_display = ["name", "authority", "valid_from", "valid_to"]
    search_fields = ["name", "authority"]


def _link(url: str, label: object) -> str:
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, label)
