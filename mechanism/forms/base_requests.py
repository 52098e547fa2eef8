"""Form to request the use of a pilot base or a proof-of-concept centre."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.forms import model_choice
from mechanism.models import Base
from mechanism.services.base_requests import request_base

DATE_INPUT = {"type": "date"}


class BaseRequestForm(forms.Form):
    """`save()` returns False if the service rejects the request; its message becomes a form error."""

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
    wanted_from = forms.DateField(label="希望从", required=False, widget=forms.DateInput(DATE_INPUT, format="%Y-%m-%d"))
    wanted_to = forms.DateField(label="到", required=False, widget=forms.DateInput(DATE_INPUT, format="%Y-%m-%d"))

    def __init__(self, *args, base: Base, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.base, self.by = base, by
        user_scope = by.scope
        own = Organisation.objects.filter(pk__in=user_scope.institution_ids | user_scope.firm_ids).order_by("name")
        model_choice(self, "organisation").queryset = own
        if user_scope.institution_ids:
            rows = Achievement.objects.filter(institution__in=user_scope.institution_ids)
            rows = rows.exclude(status=Achievement.Status.WITHDRAWN).only("public_id", "title", "institution")
            model_choice(self, "achievement").queryset = rows
        else:
            del self.fields["achievement"]

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        start, end = values.get("wanted_from"), values.get("wanted_to")
        if start and end and end < start:
            self.add_error("wanted_to", "结束日期不能早于开始日期。")
        achievement, organisation = values.get("achievement"), values.get("organisation")
        if achievement and organisation and achievement.institution_id != organisation.pk:
            self.add_error("achievement", "请选择申请单位自己的成果。")
        return values

    def save(self) -> bool:
        try:
            request_base(self.base, by=self.by, **self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True
