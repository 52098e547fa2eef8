"""What a firm answers 30, 60 and 90 days after a talk, with a link or by telephone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput, ServiceForm
from matching.models import FollowUpCheck
from matching.services.checks import answer_check


class CheckForm(ServiceForm):
    answer = forms.ChoiceField(
        label=_("洽谈之后怎么样了"),
        choices=FollowUpCheck.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。")},
    )
    reason = forms.ChoiceField(
        label=_("没有进展的原因"),
        choices=[("", _("请选择")), *FollowUpCheck.Reason.choices],
        required=False,
        help_text=_("选“没有进展”时填写"),
    )
    note = forms.CharField(
        label=_("补充说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("只有跟进人看到"),
    )
    next_on = forms.DateField(label=_("下次什么时候联系"), required=False, widget=DayInput())

    def __init__(self, *args, check: FollowUpCheck, by=None, **kwargs):
        super().__init__(*args, prefix=f"check-{check.public_id}", **kwargs)
        self.check, self.by = check, by

    def clean(self):
        values = super().clean()
        if values.get("answer") == FollowUpCheck.Answer.NO_PROGRESS and not values.get("reason"):
            self.add_error("reason", _("没有进展时请选择原因。"))
        return values

    def _save(self, values):
        answer_check(self.check, by=self.by, **values)
