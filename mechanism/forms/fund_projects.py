"""Steps of a fund's project: one form each."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import ServiceForm
from mechanism.forms.subsidies import amount, text_area
from mechanism.models import FundProject
from mechanism.services.fund_projects import advance_project, drop_project, invest_in_project

Stage = FundProject.Stage


class ProjectForm(ServiceForm):
    step = ""
    heading = ""
    button = ""
    done = ""

    def __init__(self, *args, project: FundProject, by: User, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.project, self.by = project, by


class AdvanceForm(ProjectForm):
    step, heading, button, done = "advance", "进入下一步", "进入下一步", "已进入下一步。"
    note = text_area("说明", "只有本基金和市里能看到", rows=2, longest=300, required=False)

    def _save(self, values: dict[str, Any]) -> None:
        advance_project(self.project, note=values["note"], by=self.by)


class InvestForm(ProjectForm):
    step, heading, button, done = "invest", "记下投资", "记下投资", "已记下投资，请成果单位确认后计入统计。"
    amount_wan = amount("投资金额（万元）")
    invested_on = forms.DateField(
        label="投资日期", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )

    def _save(self, values: dict[str, Any]) -> None:
        invest_in_project(self.project, amount_wan=values["amount_wan"], invested_on=values["invested_on"], by=self.by)


class DropForm(ProjectForm):
    step, heading, button, done = "drop", "放弃", "放弃", "已记为放弃。"
    reason = text_area("放弃的原因", "只有本基金和市里能看到", rows=2, longest=300)

    def _save(self, values: dict[str, Any]) -> None:
        drop_project(self.project, reason=values["reason"], by=self.by)


STEPS: dict[str, type[ProjectForm]] = {form.step: form for form in (AdvanceForm, InvestForm, DropForm)}
OF_STAGE = {
    Stage.SEEN: ("advance", "drop"),
    Stage.DILIGENCE: ("advance", "drop"),
    Stage.COMMITTEE: ("invest", "drop"),
}
