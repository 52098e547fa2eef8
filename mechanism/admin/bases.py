from django.contrib import admin
from django.db.models import ManyToManyField
from django.forms import ModelForm, MultipleChoiceField
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin_base import StaffAdmin
from mechanism.models import Base, BaseRequest, FreePeriod
from taxonomy.models import MaturityBucket

TICKED = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}


class BaseForm(ModelForm):
    takes = MultipleChoiceField(
        label=_("承接的成熟度"),
        choices=MaturityBucket.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    class Meta:
        model = Base
        fields = "__all__"  # noqa: DJ007  (the admin names the fields it shows)


class FreePeriodInline(TabularInline):
    model = FreePeriod
    fields = ["starts_on", "ends_on", "note"]
    extra = 0

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)  # a line of it, not a record of its own


@admin.register(Base)
class BaseAdmin(StaffAdmin):
    form = BaseForm
    list_display = ["name", "kind", "organisation", "operator", "region", "is_listed"]
    list_filter = [("kind", ChoicesDropdownFilter), ("fields", RelatedDropdownFilter)]
    list_select_related = ["organisation", "region"]
    search_fields = ["name", "operator", "organisation__name"]
    autocomplete_fields = ["organisation"]
    formfield_overrides = TICKED
    fields = [
        *("name", "kind", "organisation", "operator", "region", "place", "fields", "takes"),
        *("description", "capacity", "price", "is_listed"),
    ]
    inlines = [FreePeriodInline]


@admin.register(BaseRequest)
class BaseRequestAdmin(StaffAdmin):
    list_display = ["base", "organisation", "wanted_from", "wanted_to", "status", "asked_at"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["base", "organisation"]
    search_fields = ["base__name", "organisation__name"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
