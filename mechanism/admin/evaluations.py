"""Admin of experts and evaluations. Evaluations are opened here and finished on their own page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import User
from accounts.requests import user_of
from achievements.models import Achievement
from audit.staff_admin import StaffAdmin
from mechanism.admin_urls import evaluation_urls
from mechanism.models import VALUES, Evaluation, Expert
from mechanism.services.evaluations import check_experts, default_due_date, default_weights, open_evaluation

WEIGHTS = [f"{value}_weight" for value in VALUES]


@admin.register(Expert)
class ExpertAdmin(StaffAdmin):
    list_display = ["name", "unit", "position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "unit"]
    autocomplete_fields = ["organisation"]
    filter_horizontal = ["industries"]
    fields = ["name", "unit", "organisation", "position", "industries", "is_active"]

    def managed_by(self, queryset, user: User):
        return queryset if user.scope.sees_all else queryset.none()


class OpenEvaluationForm(forms.ModelForm):
    """Experts with a reason for recusal are rejected, each with the reason."""

    experts = forms.ModelMultipleChoiceField(
        Expert.objects.filter(is_active=True), label="评价专家", widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="至少三位；与完成单位、完成人有关的会被提示回避",
    )  # fmt: skip

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        achievement, experts = cleaned.get("achievement"), cleaned.get("experts")
        if achievement and experts is not None:
            try:
                check_experts(achievement, list(experts))
            except ValidationError as error:
                self.add_error("experts", error)
        return cleaned


@admin.register(Evaluation)
class EvaluationAdmin(StaffAdmin):
    list_display = ["achievement", "state", "due_on", "opened_at", "finished_at"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["achievement"]
    search_fields = ["achievement__title"]
    autocomplete_fields = ["achievement"]
    records_edits = False
    actions_detail = ["open_page"]

    def get_urls(self):
        return [*evaluation_urls(self.admin_site), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj=None):
        if obj is None:
            return [
                (None, {"fields": ["achievement", "experts", "due_on"]}),
                ("权重（合计 100）", {"fields": WEIGHTS}),
            ]
        return [(None, {"fields": ["achievement", "due_on", *WEIGHTS, "status", "conclusion", "finished_at"]})]

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        return super().get_form(request, obj, change, **kwargs | ({} if obj else {"form": OpenEvaluationForm}))

    def get_changeform_initial_data(self, request: HttpRequest):
        """The weights of applied research, the most common category."""
        weights = default_weights(Achievement.Category.APPLIED)
        values: dict[str, object] = {f"{value}_weight": weight for value, weight in weights.items()}
        return values | {"due_on": default_due_date()} | super().get_changeform_initial_data(request)

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False  # later steps are taken on its own page

    def save_model(self, request: HttpRequest, obj, form, change):
        values = form.cleaned_data
        weights = {value: values[f"{value}_weight"] for value in VALUES}
        created = open_evaluation(
            values["achievement"],
            experts=list(values["experts"]),
            weights=weights,
            due_on=values["due_on"],
            by=user_of(request),
        )
        obj.pk, obj.public_id = created.pk, created.public_id

    def save_related(self, request: HttpRequest, form, formsets, change):
        """`save_model` has stored everything by the service."""

    @display(description="状态", ordering="status", label={"评价中": "info", "已完成": "success"})
    def state(self, evaluation):
        return evaluation.get_status_display()

    @action(description="专家意见和结论", permissions=["mechanism.view_evaluation"])
    def open_page(self, request: HttpRequest, object_id):
        evaluation = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_evaluation_page", args=[evaluation.public_id]))
