from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from audit.staff_admin import StaffAdmin
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
