"""Forms of the acts with a round as a whole."""

from django import forms
from django.utils.timezone import localtime

from rounds.models import DockingRound
from rounds.services.round_changes import MAX_REASON

REASON = forms.Textarea({"rows": 2, "maxlength": MAX_REASON})


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因", max_length=MAX_REASON, widget=REASON, help_text="收到通知的单位会看到，例如：会场另有安排"
    )


class SureForm(ReasonForm):
    """For what cannot be undone without telling everybody again."""

    sure = forms.BooleanField(label="我已核对，确认现在办理", error_messages={"required": "请勾选确认后再办理。"})


class PostponeForm(ReasonForm):
    starts_at = forms.DateTimeField(
        label="改到什么时候开始",
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "请写成 2027-03-18 09:00 的样子。"},
    )
    field_order = ["starts_at", "reason"]

    def __init__(self, docking_round: DockingRound, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].initial = localtime(docking_round.starts_at).strftime("%Y-%m-%dT%H:%M")
