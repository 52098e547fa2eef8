from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Venture


@admin.register(Venture)
class VentureAdmin(StaffAdmin):
    list_display = ["name", "achievement", "region", "stage", "founded_on", "jobs"]
    list_filter = [("stage", ChoicesDropdownFilter), ("region", RelatedDropdownFilter)]
    list_select_related = ["achievement", "region"]
    search_fields = ["name", "credit_code", "achievement__title"]
    autocomplete_fields = ["achievement", "organisation"]
    fields = [
        *("name", "credit_code", "organisation", "achievement", "region", "founded_on", "stage", "jobs"),
        *("incubator", "note"),
    ]

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ask_named_parties(form.instance, by=user_of(request))
