from django.contrib import admin
from django.db.models import ManyToManyField
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin_base import StaffAdmin
from mechanism.models import Fund, Investment

TICKED = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}


class InvestmentInline(TabularInline):
    model = Investment
    fields = ["achievement", "firm", "target", "amount_wan", "invested_on", "note"]
    autocomplete_fields = ["achievement", "firm"]
    extra = 0
    can_delete = False


@admin.register(Fund)
class FundAdmin(StaffAdmin):
    list_display = ["name", "kind", "manager", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to"]
    list_filter = [("kind", ChoicesDropdownFilter), ("focus", RelatedDropdownFilter)]
    search_fields = ["name", "manager"]
    formfield_overrides = TICKED
    fields = ["name", "kind", "manager", "subscribed_wan", "paid_in_wan", "focus", "valid_from", "valid_to", "note"]
    inlines = [InvestmentInline]
