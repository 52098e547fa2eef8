"""What a firm does with its demand after publishing: forms that call one service each."""

from django import forms

from accounts.models import Organisation, User
from core.forms import DayInput, PlainField, ServiceForm, fixed_choice
from core.plain_text import REASON_LENGTH
from demands.models import Demand, DemandRevision
from demands.models.standing import SOLUTION_NOTE_LENGTH, Solution
from demands.services.lifecycle import CHOSEN_SOLUTIONS, close_demand, mark_solved, reopen_demand, revert_solved
from demands.services.pauses import pause_demand, resume_demand
from demands.services.revisions import pending_revision, withdraw_revision
from demands.services.validity import extend_demand
from matching.models import Match

Status = Demand.Status


class DemandStepForm(ServiceForm):
    """A form on the page of a demand. `action` names it in the request and is the prefix of its fields."""

    action = title = button = done = hint = ""
    is_plain = True
    """Whether the button is an ordinary one; otherwise it ends something."""
    statuses: tuple[Status, ...] = ()

    def __init__(self, *args, demand: Demand, by: User, **kwargs) -> None:
        super().__init__(*args, prefix=self.action, **kwargs)
        self.demand, self.by = demand, by

    @classmethod
    def is_offered(cls, demand: Demand) -> bool:
        return demand.status in cls.statuses


class PauseForm(DemandStepForm):
    action, title, button, done = "pause", "暂停", "暂停", "已暂停，需求不再公开，也不参与匹配。"
    hint = "暂停期间不公开、不参与匹配，待审的候选先放下。已经排好的洽谈不取消；要取消，请在洽谈里办理。"
    statuses = Demand.OPEN
    reason = PlainField(
        label="为什么暂停", max_length=REASON_LENGTH, help_text="如“产线检修，两个月后再谈”；本企业和区县能看到"
    )
    until = forms.DateField(
        label="暂停到哪一天（可不填）",
        required=False,
        widget=DayInput(),
        help_text="这一天过后自动恢复；不填就由您自己恢复",
    )

    def _save(self, values: dict) -> None:
        pause_demand(self.demand, by=self.by, **values)


class ResumeForm(DemandStepForm):
    action, title, button, done = "resume", "恢复公开", "恢复公开", "已恢复公开，重新参与匹配。"
    statuses = (Status.PAUSED,)

    def _save(self, values: dict) -> None:
        resume_demand(self.demand, by=self.by)


class SolveForm(DemandStepForm):
    action, title, button, done = "solve", "已经解决了", "标为已解决", "已标为已解决。谢谢您告诉我们是怎样解决的。"
    hint = "怎样解决、由谁解决只有本企业和区县、市科技局能看到。合同登记以后，平台会自动标为已解决。"
    statuses = Demand.REVISABLE
    solution = forms.ChoiceField(label="怎样解决的", choices=[], widget=forms.RadioSelect)
    achievement = forms.ChoiceField(label="哪一项成果", choices=[], required=False, help_text="选“平台上的成果”时选")
    solver = forms.ModelChoiceField(
        Organisation.objects.institutions().filter(is_active=True),
        label="哪个院所",
        required=False,
        empty_label="没有或不方便说",
        help_text="选“平台以外的院所成果”时选",
    )
    note = PlainField(label="补充说明（可不填）", required=False, max_length=SOLUTION_NOTE_LENGTH - 60)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        fixed_choice(self, "solution").choices = [(choice.value, choice.label) for choice in CHOSEN_SOLUTIONS]
        matches = Match.objects.visible_to(self.by).accepted().filter(demand=self.demand)
        self.matches = {match.public_id: match for match in matches.select_related("achievement__institution")[:50]}
        fixed_choice(self, "achievement").choices = [("", "没有列出来的")] + [
            (public_id, f"{match.achievement.title}（{match.achievement.institution}）")
            for public_id, match in self.matches.items()
        ]
        if not self.matches:
            del self.fields["achievement"]

    def _save(self, values: dict) -> None:
        solution, solver, note = values["solution"], values["solver"], values["note"]
        match = self.matches.get(values.get("achievement", ""))
        if solution == Solution.PLATFORM and match is not None:
            solver = match.achievement.institution
            note = "，".join(part for part in (match.achievement.title[:58], note) if part)
        elif solution != Solution.INSTITUTION:
            solver = None
        mark_solved(self.demand, by=self.by, solution=solution, solver=solver, note=note)


class UnsolveForm(DemandStepForm):
    action, title, button, done = "unsolve", "其实还没有解决", "重新寻找", "已撤回“已解决”，重新公开并参与匹配。"
    statuses = (Status.SOLVED,)
    reason = PlainField(label="为什么", max_length=REASON_LENGTH, help_text="如“试用后没有达到指标”")

    def _save(self, values: dict) -> None:
        revert_solved(self.demand, by=self.by, reason=values["reason"])

    @classmethod
    def is_offered(cls, demand: Demand) -> bool:
        return super().is_offered(demand) and demand.solution != Solution.CONTRACT


class ExtendForm(DemandStepForm):
    action, title, button, done = "extend", "延长有效期", "延长", "已延长有效期。"
    hint = "只改日期，不改内容，不需要审核。"
    statuses = Demand.REVISABLE
    until = forms.DateField(
        label="延长到（可不填）", required=False, widget=DayInput(), help_text="不填就从今天起一年，最长三年"
    )

    def _save(self, values: dict) -> None:
        extend_demand(self.demand, by=self.by, until=values["until"])


class CloseForm(DemandStepForm):
    action, title, button, done = "close", "不再需要了", "关闭需求", "已关闭，不再公开。"
    hint = "关闭后不再公开。以后可以重新打开，但要再经过一次初审。"
    is_plain = False
    statuses = tuple(status for status in Status if status not in (Status.SOLVED, Status.CLOSED))
    reason = PlainField(label="为什么", max_length=REASON_LENGTH, help_text="如“项目取消”")

    def _save(self, values: dict) -> None:
        close_demand(self.demand, by=self.by, reason=values["reason"])


class ReopenForm(DemandStepForm):
    action, title, button, done = "reopen", "重新打开", "重新打开", "已重新打开，现在是草稿。修改后请提交初审。"
    statuses = (Status.CLOSED,)

    def _save(self, values: dict) -> None:
        reopen_demand(self.demand, by=self.by)


class WithdrawRevisionForm(DemandStepForm):
    action, title, button, done = "withdraw", "撤回修改", "撤回修改", "已撤回修改，公开的仍是原文。"
    statuses = tuple(Status)

    def _save(self, values: dict) -> None:
        if (revision := pending_revision(self.demand)) is None:
            raise forms.ValidationError("这份修改已经处理过了，请刷新页面。")
        withdraw_revision(revision, by=self.by)

    @classmethod
    def is_offered(cls, demand: Demand) -> bool:
        return DemandRevision.objects.pending().filter(demand=demand).exists()


STEP_FORMS: dict[str, type[DemandStepForm]] = {
    form.action: form
    for form in (
        ResumeForm,
        ExtendForm,
        SolveForm,
        PauseForm,
        UnsolveForm,
        ReopenForm,
        WithdrawRevisionForm,
        CloseForm,
    )
}
"""By action, in the order of the page."""
