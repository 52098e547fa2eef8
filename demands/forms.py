"""Form of one demand, with the labels of the collection sheet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseFormSet, formset_factory, model_to_dict

from accounts.models import Organisation, User
from accounts.services.contacts import ContactDetails
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import fixed_choice, model_choice
from demands.aliases import make_alias
from demands.models import Demand, DemandFile, DemandIndicator
from demands.registry_fit import ENOUGH
from demands.services.editing import create_demand, update_demand
from mandates.models import Right, clients_of
from sheets.cells import CellProblem
from sheets.dates import Span
from sheets.money import Amount, Money
from sheets.values import Email, Keywords, Phone
from taxonomy.models import Comparison, Industry, TransferWay
from taxonomy.money import wan_text

ALIAS_EXAMPLE = make_alias("", "高端装备", "云帆")


class CellField(forms.CharField):
    """A text field that accepts what a sheet column accepts. Cleans to the value of the parser."""

    def __init__(self, parse, *, empty=None, inputmode: str = "", **kwargs) -> None:
        self.parse, self.empty = parse, empty
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)
        if inputmode:
            self.widget.attrs["inputmode"] = inputmode

    def prepare_value(self, value):
        return "、".join(value) if isinstance(value, list | tuple) else value

    def has_changed(self, initial, data) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return self.empty
        try:
            return self.parse(text)
        except CellProblem as problem:
            raise ValidationError(
                "填的是“%(value)s”，%(problem)s。" % {"value": text[:40], "problem": problem}
            ) from None


@dataclass
class FormSection:
    """A headed group of fields on the page, with an optional formset. `more`: fields that are rarely filled."""

    title: str
    fields: list = field(default_factory=list)
    formset: BaseFormSet | None = None
    more: list = field(default_factory=list)
    more_is_open: bool = False


class IndicatorForm(forms.ModelForm):
    class Meta:
        model = DemandIndicator
        fields = ("name", "comparison", "value", "value_to", "unit", "condition")
        widgets = {"name": forms.TextInput({"placeholder": " "})}  # CSS: :placeholder-shown is a blank row

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if values.get("comparison") == Comparison.BETWEEN and values.get("value") and not values.get("value_to"):
            self.add_error("value_to", "区间要填上限，例如从 10 到 20。")
        return values


# Not a model formset: saving replaces all indicators, so a page opened earlier must not refer to old keys.
# `absolute_max` limits the rows that a posted TOTAL_FORMS makes the server render: twice `max_num`, so that one save
# can delete all rows and add as many.
IndicatorFormSet = formset_factory(
    IndicatorForm, extra=1, max_num=30, absolute_max=60, validate_max=True, can_delete=True
)


class DemandForm(forms.ModelForm):
    """Create a demand, or update `instance`, as user `by`. `sections` groups the fields for the page.

    Money, period, keywords and telephone are parsed as in a sheet. The hidden field `seen_at` holds the version of the
    demand that the page showed, to detect concurrent edits.
    """

    firm = forms.ModelChoiceField(Organisation.objects.none(), label="企业", empty_label="请选择企业")
    industry = forms.ModelChoiceField(
        Industry.objects.active(), label="产业链", required=False, empty_label="还不确定，由区县协助判断"
    )
    transfer_ways = forms.MultipleChoiceField(
        label="期望合作方式",
        choices=TransferWay.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="可多选",
    )
    budget = CellField(
        Amount(),
        empty=Money(None, None, negotiable=True),
        label="拟投入资金（万元）",
        required=False,
        inputmode="numeric",
        help_text="可写“50”“50-100”“约50万”，不填就是面议",
    )
    period = CellField(Span(), label="需求时限", required=False, help_text="如“2026年1月至2027年12月”“一年内”“长期”")
    keywords = CellField(Keywords(5, 30), empty=(), label="关键词", required=False, help_text="最多 5 个，用顿号分开")
    contact_name = forms.CharField(label="联系人", max_length=30)
    contact_phone = CellField(
        Phone(),
        empty="",
        label="联系电话",
        inputmode="tel",
        max_length=30,
        help_text="手机号，或带区号的座机号；不会公开",
    )
    contact_email = CellField(Email(), empty="", label="邮箱", required=False, inputmode="email", help_text="不会公开")
    contact_consents = forms.BooleanField(
        label="同意在对接时把联系方式提供给对方", required=False, help_text="每次提供都有记录，可以随时撤回"
    )
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    STEPS = (
        ("问题", ("firm", "title", "kind", "problem", "goal"), ("industry", "applied_industry", "keywords")),
        (
            "指标和条件",
            ("conditions", "budget", "period"),
            ("transfer_ways", "intended_partner", "wants_challenge"),
        ),
        (
            "联系和公开",
            ("contact_name", "contact_phone", "contact_consents", "is_anonymous"),
            ("contact_email", "chosen_detail", "disclosure", "teaser", "expires_on"),
        ),
    )
    """Title of each step, its fields, and those under 更多."""

    class Meta:
        model = Demand
        fields = (
            *("title", "kind", "industry", "applied_industry", "problem", "goal", "conditions", "transfer_ways"),
            *("intended_partner", "wants_challenge", "is_anonymous", "chosen_detail", "disclosure", "teaser"),
            "expires_on",
        )
        widgets = {
            "chosen_detail": forms.RadioSelect,
            "problem": forms.Textarea({"rows": 6}),
            "goal": forms.Textarea({"rows": 4}),
            "conditions": forms.Textarea({"rows": 4}),
            "disclosure": forms.RadioSelect,
            "teaser": forms.Textarea({"rows": 3}),
            "expires_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "title": "一句话说明需要什么技术，不要写企业名称",
            "is_anonymous": f"不显示企业名称，由平台为这项需求另起一个名称，如“{ALIAS_EXAMPLE}”",
            "chosen_detail": f"不选时，平台按符合的企业数选：写得出区市县和产业链还剩 {ENOUGH} 家以上才写",
            "expires_on": "不填则发布后一年",
        }

    def __init__(
        self, data=None, *, by: User, instance: Demand | None = None, indicators: list[dict] | None = None, **kwargs
    ) -> None:
        super().__init__(data, instance=instance, initial=_initial(instance) | kwargs.pop("initial", {}), **kwargs)
        self.by = by
        stored = [model_to_dict(row, fields=IndicatorForm.Meta.fields) for row in self._indicator_rows()]
        initial_rows = stored or indicators or []
        self.formset = IndicatorFormSet(data, initial=initial_rows, prefix="indicators")
        self.formset.title = "技术指标"
        self.fields["disclosure"].required = False
        fixed_choice(self, "chosen_detail").choices = [("", "由平台选"), *Demand.Detail.choices]
        self._offer_firms()
        self._keep_contact()
        if by.scope.is_broker and not (by.scope.firm_ids or by.scope.is_city or by.scope.is_district):
            del self.fields["contact_consents"]  # an agent cannot say that a person of the firm consents

    @property
    def sections(self) -> list[FormSection]:
        shown = [
            FormSection(title, self._shown(names), more=self._shown(more), more_is_open=self._needs_more(more))
            for title, names, more in self.STEPS
        ]
        shown[1].formset = self.formset
        return shown

    def _shown(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields and not self[name].is_hidden]

    def _needs_more(self, names: tuple[str, ...]) -> bool:
        """Whether a rarely filled field has an error, or hides what the reader has to decide."""
        if any(self.errors.get(name) for name in names):
            return True
        return "chosen_detail" in names and bool(self["is_anonymous"].value())

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.formset.is_valid()])

    def save(self, commit=True) -> Demand | None:
        """Create or update the demand. Returns None, with errors on the form, if the service refuses."""
        values = {"values": self._values(), "indicators": self._indicators(), "contact": self._contact(), "by": self.by}
        try:
            return self._store(values)
        except ValidationError as error:
            self._add_errors(error)
            return None

    def _store(self, values: dict) -> Demand:
        if self.instance.pk:
            return update_demand(self.instance, seen_at=self._seen_at(), **values)
        return create_demand(firm=self._firm, **values)

    @property
    def saved_message(self) -> str:
        """What the page says after `save`."""
        return f"已保存“{self.cleaned_data['title']}”。"

    # Skips model validation, which the service does; otherwise its errors would appear twice.
    def _post_clean(self) -> None:
        pass

    @property
    def _firm(self) -> Organisation:
        return self.instance.firm if self.instance.pk else self.cleaned_data["firm"]

    def _indicator_rows(self) -> Iterable[DemandIndicator]:
        """The indicators that the form shows before somebody types."""
        return self.instance.indicators.all() if self.instance.pk else ()

    def _offer_firms(self) -> None:
        """Offer the firms in the user's scope; hide the field on update, preselect the only firm of an officer."""
        if self.instance.pk:
            del self.fields["firm"]
            return
        clients = Organisation.objects.firms().filter(pk__in=clients_of(self.by, Right.POST))
        firms = (Organisation.objects.firms().visible_to(self.by) | clients).filter(is_active=True)
        model_choice(self, "firm").queryset = firms
        if self.by.scope.is_broker and not self.by.scope.firm_ids:
            self.fields["is_anonymous"].initial = True  # an agent names the firm only if its mandate says so
            model_choice(self, "firm").empty_label = "请选择委托方"
            self.fields["firm"].label = "委托方"
            self.fields["firm"].error_messages["invalid_choice"] = (
                "您现在不能替这家企业发布需求：委托可能刚刚终止或到期。请在“委托”里查看，或者另选委托方。"
            )
        if len(self.by.scope.firm_ids) == 1 and not (self.by.scope.is_city or self.by.scope.is_district):
            self.fields["firm"].initial = next(iter(self.by.scope.firm_ids))
            model_choice(self, "firm").empty_label = None
            if firms.count() == 1:  # nothing to choose: one field less on a telephone
                self.fields["firm"].widget = forms.HiddenInput()

    def _keep_contact(self) -> None:
        """Do not require a contact that is stored already: it is shown masked only, and empty fields keep it."""
        contact = self.instance.contact
        if contact is None:
            return
        for name in ("contact_name", "contact_phone"):
            self.fields[name].required = False
        self.fields["contact_name"].help_text = "现在是 %(name)s %(phone)s，不填则不变" % {
            "name": contact.masked_name,
            "phone": contact.masked_phone,
        }

    def _contact(self) -> ContactDetails | None:
        name, phone, email = (self.cleaned_data[f"contact_{part}"] for part in ("name", "phone", "email"))
        consents = self.cleaned_data.get("contact_consents", False)
        current = self.instance.contact
        if not (name or phone or email) and current:
            return ContactDetails(current.organisation_id, current.name, current.phone, current.email, consents)
        return ContactDetails(self._firm.pk, name, phone, email, consents)

    def clean_disclosure(self) -> str:
        return self.cleaned_data["disclosure"] or self.instance.disclosure

    def clean(self):
        super().clean()
        values = self.cleaned_data
        parts = [values.get(f"contact_{part}") for part in ("name", "phone")]
        if any([*parts, values.get("contact_email")]) and not all(parts) and not self._contact_errors:
            self.add_error("contact_name", "更换联系人请同时填写姓名和电话。")
        return values

    @property
    def _contact_errors(self) -> set[str]:
        return {"contact_name", "contact_phone"} & self.errors.keys()

    def _values(self) -> dict:
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        budget, period = self.cleaned_data["budget"], self.cleaned_data["period"]
        return values | {
            "keywords": list(self.cleaned_data["keywords"]),
            "budget_min_wan": budget.min,
            "budget_max_wan": budget.max,
            "budget_negotiable": budget.negotiable,
            "period_start": period.start if period else None,
            "period_end": period.end if period else None,
            "period_text": period.text if period else "",
        }

    def _indicators(self) -> list[dict]:
        filled = [form for form in self.formset.forms if form.cleaned_data.get("name")]
        return [
            {name: form.cleaned_data[name] for name in IndicatorForm.Meta.fields}
            for form in filled
            if not form.cleaned_data.get("DELETE")
        ]

    def _seen_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return None

    def _add_errors(self, error: ValidationError) -> None:
        """Add the errors of the service to the form fields they concern."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        form_fields = {"budget_min_wan": "budget", "budget_max_wan": "budget", "period_start": "period"}
        form_fields |= {"period_end": "period", "period_text": "period"}
        for name, errors in error.error_dict.items():
            name = form_fields.get(name, name)
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, errors)


class DemandFileForm(forms.Form):
    """Upload of one file of a demand. The service detects the type from the content."""

    file = forms.FileField(
        label="附件", help_text="PDF、PNG、JPG，不超过 20 MB。别人下载的每一页都印有查看人的单位和姓名"
    )
    audience = forms.ChoiceField(
        label="谁能看", choices=DemandFile.Audience, initial=DemandFile.Audience.UNDERTAKING, widget=forms.RadioSelect
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # before the content is read
            raise ValidationError(too_large_message(file.name))
        return file


def _initial(demand: Demand | None) -> dict:
    if demand is None or demand.pk is None:
        return {}
    contact = demand.contact
    return {
        "budget": _budget_text(demand),
        "period": demand.period_text,
        "keywords": demand.keywords,
        "transfer_ways": demand.transfer_ways,
        "contact_consents": bool(contact and contact.consented_at),
        "seen_at": demand.updated_at.isoformat(),
    }


def _budget_text(demand: Demand) -> str:
    """The budget in the syntax of the form field."""
    low, high = demand.budget_min_wan, demand.budget_max_wan
    if low is None and high is None:
        return "面议"
    if low is None:
        return f"{wan_text(high)}以内"
    if high is None:
        return f"{wan_text(low)}以上"
    return wan_text(low) if low == high else f"{wan_text(low)}-{wan_text(high)}"
