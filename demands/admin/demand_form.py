"""Form of the demand admin, and its indicators."""

from django.forms import BaseInlineFormSet, ModelForm, MultipleChoiceField
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from demands.forms import CellField
from demands.models import Demand, DemandIndicator
from demands.services.anonymity import UNSAVED_ALIAS, check_anonymity
from demands.services.editing import ONLY_FIRM_NAMES_ITSELF
from sheets.values import Keywords
from taxonomy.models import TransferWay


class StaffDemandForm(ModelForm):
    """Admin form with checkboxes for the ways and one text field for the keywords."""

    transfer_ways = MultipleChoiceField(
        label="期望合作方式",
        choices=TransferWay.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    keywords = CellField(
        Keywords(5, 30),
        empty=(),
        label="关键词",
        required=False,
        help_text="最多 5 个，用顿号分开",
        widget=UnfoldAdminTextInputWidget,
    )

    def clean(self):
        super().clean()
        if self.initial.get("is_anonymous") and self.cleaned_data.get("is_anonymous") is False:
            self.add_error("is_anonymous", ONLY_FIRM_NAMES_ITSELF)
        if self.cleaned_data.get("is_anonymous") and not self.instance.public_alias:
            self.instance.public_alias = UNSAVED_ALIAS  # replaced when the indicators are stored too
        return self.cleaned_data

    class Meta:
        model = Demand
        fields = "__all__"  # noqa: DJ007  (the admin names the fields it shows)


class IndicatorFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """Check the anonymity of the demand together with the indicators of this formset."""
        super().clean()
        remaining = [form.instance for form in self.forms if form.instance.name and not self._should_delete_form(form)]
        if self.instance.firm_id:
            check_anonymity(self.instance, remaining)


class IndicatorInline(TabularInline):
    model = DemandIndicator
    formset = IndicatorFormSet
    fields = ["name", "comparison", "value", "value_to", "unit", "condition", "order"]
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_change_permission(request, obj)  # indicators are part of the demand, not records of their own
