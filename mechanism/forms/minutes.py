"""Formset of the decisions read from meeting minutes; ticked lines become measures."""

from django import forms
from django.db.models import QuerySet
from django.forms import formset_factory

from accounts.models import Organisation, User
from mechanism.models import Measure, Task

MAX_DECISIONS = 60


class DecisionForm(forms.Form):
    wanted = forms.BooleanField(label="作为举措", required=False)
    title = forms.CharField(label="议定事项", max_length=200)
    task = forms.ModelChoiceField(Task.objects.all(), label="任务", empty_label="请选择", required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="责任单位", empty_label="不在平台上", required=False
    )
    body = forms.CharField(label="责任单位（文字）", max_length=200, required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label="责任人", empty_label="未定", required=False)
    due_on = forms.DateField(
        label="完成期限", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, bodies: QuerySet, owners: QuerySet, tasks: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in (("organisation", bodies), ("owner", owners), ("task", tasks)):
            self.fields[name].queryset = rows
            empty = ("", self.fields[name].empty_label)
            # Plain choices: all forms share the cached querysets instead of querying again.
            self.fields[name].choices = [empty, *((row.pk, str(row)) for row in rows)]

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        if values.get("wanted"):
            if not values.get("task"):
                self.add_error("task", "请选择这一条属于哪项任务。")
            if not (values.get("organisation") or values.get("body")):
                self.add_error("organisation", "请选择或写明责任单位。")
        return values

    def measure(self) -> Measure:
        """An unsaved measure."""
        values = self.cleaned_data
        return Measure(**{name: values[name] for name in ("title", "task", "organisation", "body", "owner", "due_on")})


DecisionFormSet = formset_factory(DecisionForm, extra=0, max_num=MAX_DECISIONS, absolute_max=MAX_DECISIONS)
