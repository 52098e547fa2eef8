"""Forms of evaluations: for invited experts, and for city staff."""

from django import forms

from mechanism.models import VALUES, Expert


class MarksForm(forms.Form):
    """A mark and a reason for each of the five values."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for value, label in VALUES.items():
            self.fields[value] = forms.IntegerField(
                label=label, min_value=0, max_value=100, help_text="0–100 分",
                widget=forms.TextInput({"inputmode": "numeric", "maxlength": 3}),
            )  # fmt: skip
            self.fields[f"{value}_reason"] = forms.CharField(
                label="%(value)s：理由" % {"value": label}, min_length=5, max_length=500,
                widget=forms.Textarea({"rows": 2}),
            )  # fmt: skip
        self.fields["declared"] = forms.BooleanField(
            label="我与完成人、完成单位没有关联",
            help_text="不是同单位、合作者、近亲属，没有利益关系；有的请在下面回避",
            error_messages={"required": "请声明没有关联；有关联的请回避。"},
        )  # fmt: skip


class RecusalForm(forms.Form):
    reason = forms.CharField(label="回避原因", max_length=200)


class InviteExpertForm(forms.Form):
    expert = forms.ModelChoiceField(Expert.objects.filter(is_active=True), label="增加专家")


class ConclusionForm(forms.Form):
    """The conclusion, or the reason for cancelling."""

    words = forms.CharField(label="结论或原因", max_length=2000, widget=forms.Textarea({"rows": 4}))
