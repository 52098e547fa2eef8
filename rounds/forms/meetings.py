"""The form with which staff add a meeting."""

from django import forms

from core.forms import PlainField, model_choice
from rounds.models import DockingRound, Party
from rounds.services.meetings import PRIORITIES


class AddMeetingForm(forms.Form):
    """A meeting of a firm and an institution that nobody requested and no match proposed."""

    firm = forms.ModelChoiceField(Party.objects.none(), label="企业", to_field_name="public_id", empty_label="请选择")
    team = forms.ModelChoiceField(
        Party.objects.none(), label="院校团队", to_field_name="public_id", empty_label="请选择"
    )
    topic = PlainField(label="洽谈内容", max_length=120, required=False)
    why = PlainField(label="为什么添加", max_length=200, help_text="例如企业来电提出、现场走访约定")
    priority = forms.TypedChoiceField(label="优先级", coerce=int, choices=[*PRIORITIES.items()], initial=2)

    def __init__(self, docking_round: DockingRound, *args, **kwargs):
        super().__init__(*args, **kwargs)
        parties = docking_round.parties.active().select_related("organisation").order_by("organisation__name", "pk")
        model_choice(self, "firm").queryset = parties.filter(side=Party.Side.FIRM)
        model_choice(self, "team").queryset = parties.filter(side=Party.Side.INSTITUTION)
        gone = "这个单位已不在名单上，请另选一个。"
        for name in ("firm", "team"):
            self.fields[name].error_messages |= {"invalid_choice": gone, "required": "请选择单位。"}
        self.fields["why"].error_messages["required"] = "请写明为什么添加这场洽谈。"
