from django.contrib import admin
from django.db.models import ManyToManyField
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin
from core.downloads import send_download
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.exports import export_funds
from mechanism.models import Fund, FundSize, Investment

TICKED = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}


class InvestmentInline(TabularInline):
    model = Investment
    fields = ["achievement", "firm", "target", "amount_wan", "invested_on", "note"]
    autocomplete_fields = ["achievement", "firm"]
    extra = 0
    can_delete = False


class SizeInline(TabularInline):
    """History of the size. The database adds present changes by itself; the office enters what it learnt late."""

    model = FundSize
    fields = ["from_on", "subscribed_wan", "paid_in_wan"]
    extra = 0
    can_delete = False


@admin.register(Fund)
class FundAdmin(StaffAdmin):
    list_display = ["name", "kind", "manager", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to"]
    list_filter = [("kind", ChoicesDropdownFilter), ("focus", RelatedDropdownFilter)]
    search_fields = ["name", "manager"]
    formfield_overrides = TICKED
    autocomplete_fields = ["organisation"]
    fields = [
        "name",
        "kind",
        "manager",
        "organisation",
        "subscribed_wan",
        "paid_in_wan",
        "focus",
        "valid_from",
        "valid_to",
        "note",
    ]
    inlines = [SizeInline, InvestmentInline]
    actions = ["export"]
    actions_list = ["import_sheet"]

    def has_export_fund_permission(self, request: HttpRequest):
        return request.user.has_perm("mechanism.export_fund")

    def save_formset(self, request: HttpRequest, form, formset, change):
        for investment in formset.save(commit=False):
            if investment.pk is None:
                investment.recorded_by = request.user
        super().save_formset(request, form, formset, change)
        if formset.model is Investment:
            for investment in form.instance.investments.all():
                ask_named_parties(investment, by=user_of(request))

    @action(description="导入表格", icon="upload", permissions=["mechanism.import_fund"])
    def import_sheet(self, request: HttpRequest):
        return HttpResponseRedirect(reverse("import_start", kwargs={"kind": "funds"}))

    @admin.action(description="导出 Excel", permissions=["export_fund"])
    def export(self, request: HttpRequest, queryset):
        return send_download(export_funds(queryset, by=user_of(request)), "基金.xlsx")
