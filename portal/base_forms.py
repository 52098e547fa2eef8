"""What is filled in to ask a pilot base or a proof-of-concept centre for room."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation
from achievements.models import Achievement
from mechanism.models import Base
from mechanism.services import ask_base

DAY = {"type": "date"}


class AskForm(forms.Form):
    """`save()` once it is valid; what the service refuses becomes a fault of the form."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="申请单位", to_field_name="public_id", empty_label=None
    )
    achievement = forms.ModelChoiceField(
        Achievement.objects.none(),
        label="成果",
        to_field_name="public_id",
        required=False,
        empty_label="不限",
    )
    what = forms.CharField(
        label="要做什么", max_length=1000, widget=forms.Textarea({"rows": 4}), help_text="样品、批量、要验证的指标"
    )
    wanted_from = forms.DateField(label="希望从", required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    wanted_to = forms.DateField(label="到", required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))

    def __init__(self, *args, base: Base, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.base, self.by = base, by
        scope = by.scope
        own = Organisation.objects.filter(pk__in=scope.institution_ids | scope.firm_ids).order_by("name")
        self.fields["organisation"].queryset = own
        if scope.institution_ids:
            rows = Achievement.objects.filter(institution__in=scope.institution_ids)
            rows = rows.exclude(status=Achievement.Status.WITHDRAWN).only("public_id", "title", "institution")
            self.fields["achievement"].queryset = rows
        else:
            del self.fields["achievement"]

    def clean(self):
        values = super().clean()
        start, end = values.get("wanted_from"), values.get("wanted_to")
        if start and end and end < start:
            self.add_error("wanted_to", "结束日期不能早于开始日期。")
        achievement, organisation = values.get("achievement"), values.get("organisation")
        if achievement and organisation and achievement.institution_id != organisation.pk:
            self.add_error("achievement", "请选择申请单位自己的成果。")
        return values

    def save(self) -> bool:
        try:
            ask_base(self.base, by=self.by, **self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True
