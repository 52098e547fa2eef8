"""Admin of the rules of signals, of shares and of registered details. Cases have pages of their own."""

from decimal import Decimal

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from accounts.models import User
from accounts.requests import user_of
from audit.services import record
from audit.staff_admin import StaffAdmin
from deals.services.confirmations import ask_parties
from integrity.models import Ownership, RegisteredDetails, SignalRule
from integrity.signals.registry import SIGNALS

PREFIX = "threshold_"


class SignalRuleForm(forms.ModelForm):
    """A number field for each threshold of the signal, in place of the JSON column."""

    class Meta:
        model = SignalRule
        fields = ["is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for threshold in SIGNALS[self.instance.signal].thresholds if self.instance.signal else ():
            self.fields[PREFIX + threshold.key].initial = self.instance.limits[threshold.key]

    def save(self, commit: bool = True):
        values = {key.removeprefix(PREFIX): value for key, value in self.cleaned_data.items() if key.startswith(PREFIX)}
        self.instance.thresholds = {key: str(value) for key, value in values.items()}
        return super().save(commit)


def _form_for(signal: str) -> type[SignalRuleForm]:
    """Django reads the fields of a form from its class, so that there is a class for each signal."""
    fields = {
        PREFIX + threshold.key: forms.DecimalField(
            label=f"{threshold.label}（{threshold.unit}）",
            min_value=threshold.least,
            max_value=threshold.most,
            max_digits=12,
            decimal_places=2,
            help_text=f"预设 {threshold.default:f}",
            widget=UnfoldAdminDecimalFieldWidget(),
        )
        for threshold in SIGNALS[signal].thresholds
    }
    return type("SignalRuleForm", (SignalRuleForm,), fields)


@admin.register(SignalRule)
class SignalRuleAdmin(StaffAdmin):
    list_display = ["signal", "is_active", "thresholds_shown"]
    readonly_fields = ["signal", "explanation"]
    form = SignalRuleForm
    records_edits = False

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        if obj is not None:
            kwargs["form"] = _form_for(obj.signal)
            kwargs["fields"] = None if kwargs.get("fields") is None else self._fields(obj)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj=None):
        return ["signal", "explanation", *self._fields(obj)]

    def _fields(self, obj: SignalRule | None) -> list[str]:
        thresholds = SIGNALS[obj.signal].thresholds if obj else ()
        return ["is_active", *(PREFIX + threshold.key for threshold in thresholds)]

    def has_add_permission(self, request: HttpRequest):
        return False

    def save_model(self, request: HttpRequest, obj: SignalRule, form, change):
        before = SignalRule.objects.get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        old, new = _texts(before), _texts(obj)
        changes = {key: [old[key], new[key]] for key in new if old[key] != new[key]}
        if changes:
            record("修改核查规则", obj, by=user_of(request), changes=changes)

    @display(description="看什么")
    def explanation(self, rule: SignalRule) -> str:
        return SIGNALS[rule.signal].explanation

    @display(description="阈值")
    def thresholds_shown(self, rule: SignalRule) -> str:
        limits = rule.limits
        return "，".join(
            f"{threshold.label} {limits[threshold.key]:f} {threshold.unit}"
            for threshold in SIGNALS[rule.signal].thresholds
        )


def _texts(rule: SignalRule) -> dict[str, object]:
    limits: dict[str, Decimal] = rule.limits
    return {"is_active": rule.is_active} | {key: f"{value.normalize():f}" for key, value in limits.items()}


@admin.register(Ownership)
class OwnershipAdmin(StaffAdmin):
    list_display = ["owner", "owned", "share", "source", "held_from", "ended_on"]
    list_select_related = ["owner", "owned"]
    search_fields = ["owner__name", "owned__name", "source"]
    autocomplete_fields = ["owner", "owned"]
    fields = ["owner", "owned", "share", "source", "held_from", "ended_on"]

    def managed_by(self, queryset, user: User):
        return queryset.visible_to(user)

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ask_parties(form.instance, by=user_of(request))


@admin.register(RegisteredDetails)
class RegisteredDetailsAdmin(StaffAdmin):
    list_display = ["organisation", "address", "source", "recorded_at"]
    list_select_related = ["organisation"]
    search_fields = ["organisation__name", "address"]
    autocomplete_fields = ["organisation"]
    fields = ["organisation", "address", "legal_representative", "phone", "source"]
    private_fields = StaffAdmin.private_fields | {"legal_representative"}

    def save_model(self, request: HttpRequest, obj: RegisteredDetails, form, change):
        obj.recorded_by = user_of(request)
        super().save_model(request, obj, form, change)
