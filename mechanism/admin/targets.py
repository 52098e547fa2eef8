from django.contrib import admin

from audit.staff_admin import StaffAdmin
from mechanism.admin.funds import TICKED
from mechanism.models import RateRule, Target


@admin.register(Target)
class TargetAdmin(StaffAdmin):
    list_display = ["figure", "year", "value", "is_over", "source", "valid_from", "valid_to"]
    list_filter = ["figure"]
    fields = ["figure", "year", "value", "is_over", "source", "valid_from", "valid_to"]


@admin.register(RateRule)
class RateRuleAdmin(StaffAdmin):
    list_display = ["valid_from", "basis", "source"]
    formfield_overrides = TICKED
    fields = ["valid_from", "basis", "institutions", "source"]
