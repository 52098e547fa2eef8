from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Venture, VentureYear


class VentureYearInline(TabularInline):
    model = VentureYear
    fields = ["year", "jobs", "revenue_wan", "raised_wan", "source"]
    extra = 0
    can_delete = False


@admin.register(Venture)
class VentureAdmin(StaffAdmin):
    list_display = ["name", "achievement", "region", "stage", "founded_on", "jobs"]
    list_filter = [("stage", ChoicesDropdownFilter), ("region", RelatedDropdownFilter)]
    list_select_related = ["achievement", "region"]
    search_fields = ["name", "credit_code", "achievement__title"]
    autocomplete_fields = ["achievement", "organisation"]
    fields = [
        *("name", "credit_code", "organisation", "achievement", "region", "founded_on", "stage", "jobs"),
        *("incubator", "note", "deal_link"),
    ]
    readonly_fields = ["deal_link"]
    inlines = [VentureYearInline]

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ask_named_parties(form.instance, by=user_of(request))

    @display(description="来自哪项成交")
    def deal_link(self, venture):
        if venture is None or venture.landing is None:
            return "没有对应的落地"
        deal = venture.landing.deal
        url = reverse("deal", args=[deal.public_id])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, deal.name)
