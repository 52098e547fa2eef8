from django.contrib import admin

from audit.staff_admin import StaffAdmin
from core.scope import ScopedUser
from taxonomy.models import Industry


@admin.register(Industry)
class IndustryAdmin(StaffAdmin):
    list_display = ["name", "parent", "aliases", "order", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "aliases", "slug"]
    autocomplete_fields = ["parent"]

    def managed_by(self, queryset, user: ScopedUser):
        return queryset  # words everybody shares
