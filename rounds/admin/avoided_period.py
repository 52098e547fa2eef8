from django.contrib import admin

from audit.staff_admin import StaffAdmin
from rounds.models import AvoidedPeriod


@admin.register(AvoidedPeriod)
class AvoidedPeriodAdmin(StaffAdmin):
    """Days that the proposals of the calendar avoid; the city office edits them."""

    list_display = ["name", "from_on", "until_on", "note"]
    search_fields = ["name", "note"]
    fields = ["name", ("from_on", "until_on"), "note"]
