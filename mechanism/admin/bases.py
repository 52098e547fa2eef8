from django.contrib import admin
from django.db.models import ManyToManyField
from django.forms import ModelForm, MultipleChoiceField
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm, with_reason
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Base, BaseRequest, FreePeriod
from mechanism.services.base_requests import answer_base_request
from taxonomy.models import MaturityBucket

ANSWER = ["mechanism.change_baserequest"]
TICKED = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}


class BaseForm(ModelForm):
    takes = MultipleChoiceField(
        label="承接的成熟度",
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

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return self.has_change_permission(request, obj)  # part of the base, not a record of its own


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

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ask_named_parties(form.instance, by=user_of(request))


@admin.register(BaseRequest)
class BaseRequestAdmin(StaffAdmin):
    list_display = ["base", "organisation", "wanted_from", "wanted_to", "status", "asked_at"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["base", "organisation"]
    search_fields = ["base__name", "organisation__name"]
    actions_detail = ["accept", "decline"]

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        base_request = self.get_object(request, object_id) if object_id else None
        waits = base_request is not None and base_request.status == BaseRequest.Status.ASKED
        return super().get_actions_detail(request, object_id) if waits else []

    @action(
        description="接受",
        permissions=ANSWER,
        dialog=confirm("接受这份申请？", "申请人会收到消息，再与基地安排。", "接受"),
    )
    def accept(self, request: HttpRequest, form, object_id):
        return self._answer(request, object_id, accept=True, answer="", done="已接受。")

    @action(
        description="不接受",
        permissions=ANSWER,
        dialog=with_reason("不接受这份申请", "理由会告诉申请人。", "不接受"),
    )
    def decline(self, request: HttpRequest, form, object_id):
        return self._answer(request, object_id, accept=False, answer=form.cleaned_data["reason"], done="已答复。")

    def _answer(self, request: HttpRequest, object_id, *, accept, answer, done):
        base_request = self.staff_object(request, object_id)
        self.run_on(request, [base_request], answer_base_request, done=done, accept=accept, answer=answer)
        return self.back(request, self.change_url(base_request))

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False
