"""Forms of obstacles: raise one, and the steps on its page. Each form calls one service when it is saved."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from core.forms import DayInput, ServiceForm, model_choice
from core.workdays import add_workdays
from deals.models import Deal
from matching.models import FollowUp
from mechanism.models import OFFICES, BaseRequest, Obstacle, ObstacleKind, Policy
from mechanism.obstacle_texts import masked_text
from mechanism.services.obstacles import (
    ANSWER_WORKDAYS,
    Concern,
    answer_obstacle,
    assign_obstacle,
    judge_obstacle,
    organisations_for,
    publish_answer,
    raise_obstacle,
    unpublish_answer,
    withdraw_obstacle,
)
from mechanism.services.reported_obstacles import ReportedBy, find_party, offices_writing_down

GONE = {"invalid_choice": "所写的记录不存在，或您不能查看。请从那条记录的页面重新进入。"}


def _record(queryset: QuerySet) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset, to_field_name="public_id", required=False, widget=forms.HiddenInput, error_messages=GONE
    )


class ObstacleForm(ServiceForm):
    """Raise an obstacle. The record that it is about comes from the address of the page."""

    kind = forms.ModelChoiceField(
        ObstacleKind.objects.none(), label="哪一类", empty_label=None, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="遇到什么",
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
        help_text="卡在哪一步、找过谁、希望怎样。写清楚事就行，不用写成公文",
    )
    policy = forms.ModelChoiceField(
        Policy.objects.none(),
        label="涉及哪项政策",
        to_field_name="public_id",
        required=False,
        empty_label="不清楚或没有",
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="提出单位", to_field_name="public_id", empty_label=None
    )
    about = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="涉及哪个部门",
        to_field_name="public_id",
        required=False,
        empty_label="不涉及某个部门",
        help_text="选填，这个部门会看到这条堵点",
    )
    party = forms.CharField(
        label="代哪个单位记",
        max_length=100,
        required=False,
        help_text="单位打电话或当面反映的，写它的全称或统一社会信用代码；它会看到这条堵点。自己单位的不填",
    )
    told_by = forms.CharField(label="谁反映的", max_length=60, required=False, help_text="例如“生产部王经理，电话”")
    told_on = forms.DateField(label="反映日期", widget=DayInput, required=False)
    follow_up = _record(FollowUp.objects.none())
    deal = _record(Deal.objects.none())
    base_request = _record(BaseRequest.objects.none())

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.obstacle: Obstacle | None = None
        own = [organisation.pk for organisation in organisations_for(by)]
        model_choice(self, "kind").queryset = ObstacleKind.objects.filter(is_active=True)
        model_choice(self, "policy").queryset = Policy.objects.visible_to(by).published()
        model_choice(self, "organisation").queryset = Organisation.objects.filter(pk__in=own).order_by("name")
        for name, model in (("follow_up", FollowUp), ("deal", Deal), ("base_request", BaseRequest)):
            model_choice(self, name).queryset = model.objects.visible_to(by)
        model_choice(self, "about").queryset = Organisation.objects.filter(kind__in=OFFICES, is_active=True).order_by(
            "kind", "name"
        )
        self.offices = offices_writing_down(by)
        if self.offices:
            self.initial.setdefault("told_on", timezone.localdate())
        else:
            for name in ("party", "told_by", "told_on"):
                del self.fields[name]
        if len(own) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.initial.setdefault("organisation", model_choice(self, "organisation").queryset.get().public_id)

    def offers(self, name: str, public_id: str) -> bool:
        """Whether the user may name this record."""
        rows = model_choice(self, name).queryset
        return rows is not None and rows.filter(public_id=public_id).exists()

    def clean_party(self) -> Organisation | None:
        words = self.cleaned_data["party"].strip()
        return find_party(words, self.by) if words else None

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        if values.get("party"):
            for name, example in (("told_by", "请写明是谁反映的。"), ("told_on", "请写明哪天反映的。")):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, example)

    def _save(self, values: dict[str, Any]) -> None:
        concern = Concern(**{name: values[name] for name in ("follow_up", "deal", "base_request", "policy", "about")})
        party, reported = values.get("party"), None
        if party is not None:
            own = values["organisation"]
            office = own if own in self.offices else self.offices[0]
            reported = ReportedBy(office, values["told_by"], values["told_on"])
        self.obstacle = raise_obstacle(
            organisation=party or values["organisation"],
            kind=values["kind"],
            text=values["text"],
            by=self.by,
            concern=concern,
            reported=reported,
        )


class ObstacleStepForm(ServiceForm):
    """`step`: value of the submit button; `title`, `button`: words of the page; `done`: the message of success."""

    step: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str]
    is_main: ClassVar[bool] = True

    def __init__(self, *args, obstacle: Obstacle, by: User, **kwargs) -> None:
        super().__init__(*args, prefix=self.step, **kwargs)
        self.obstacle, self.by = obstacle, by


class AssignForm(ObstacleStepForm):
    step, title, button, done = "assign", "交给谁办", "交办", "已交办，办理单位会收到消息。"
    solver = forms.ModelChoiceField(
        Organisation.objects.none(), label="办理单位", to_field_name="public_id", empty_label="请选择"
    )
    handler = forms.ModelChoiceField(User.objects.none(), label="办理人", required=False, empty_label="由办理单位安排")
    due_on = forms.DateField(label="答复期限", widget=DayInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offices = Organisation.objects.filter(kind__in=OFFICES, is_active=True).order_by("kind", "name")
        model_choice(self, "solver").queryset = offices
        roles = [Role.CITY, Role.BUREAU, Role.DISTRICT]
        people = Membership.objects.active().filter(role__in=roles).values("user")
        handler = model_choice(self, "handler")
        handler.queryset = User.objects.filter(pk__in=people).prefetch_related("memberships__organisation")
        handler.label_from_instance = _person_and_office  # type: ignore[method-assign]
        self.initial.setdefault("due_on", add_workdays(timezone.localdate(), ANSWER_WORKDAYS))

    def _save(self, values: dict[str, Any]) -> None:
        assign_obstacle(self.obstacle, by=self.by, **values)


def _person_and_office(person: User) -> str:
    return f"{person.name}（{'、'.join(row.organisation.name for row in person.memberships.all())}）"


class AnswerForm(ObstacleStepForm):
    step, title, button, done = "answer", "答复", "提交答复", "已答复，提出单位会收到消息。"
    answer = forms.CharField(
        label="答复", max_length=2000, widget=forms.Textarea({"rows": 6}), help_text="怎么解决、按什么办、什么时候办成"
    )

    def _save(self, values: dict[str, Any]) -> None:
        answer_obstacle(self.obstacle, answer=values["answer"], by=self.by)


class SolvedForm(ObstacleStepForm):
    step, title, button, done = "solved", "解决了吗", "已经解决", "已记下，谢谢您。"

    def _save(self, values: dict[str, Any]) -> None:
        judge_obstacle(self.obstacle, is_solved=True, by=self.by)


class UnsolvedForm(ObstacleStepForm):
    step, title, button, done = "unsolved", "还没有解决", "还没有解决", "已记下，市科技局会重新交办。"
    is_main = False
    reason = forms.CharField(label="还差什么", max_length=300, widget=forms.Textarea({"rows": 3}))

    def _save(self, values: dict[str, Any]) -> None:
        judge_obstacle(self.obstacle, is_solved=False, reason=values["reason"], by=self.by)


class WithdrawForm(ObstacleStepForm):
    step, title, button, done = "withdraw", "不用办了", "撤回这条堵点", "已撤回。"
    is_main = False

    def _save(self, values: dict[str, Any]) -> None:
        withdraw_obstacle(self.obstacle, by=self.by)


class PublishForm(ObstacleStepForm):
    step, title, button, done = "publish", "公布答复", "公布", "已公布，任何人都能看到。"
    is_main = False
    text = forms.CharField(
        label="公布的问题", max_length=500, widget=forms.Textarea({"rows": 4}), help_text="不写单位、项目、人员的名称"
    )
    answer = forms.CharField(label="公布的答复", max_length=2000, widget=forms.Textarea({"rows": 6}))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        row = self.obstacle
        self.initial.setdefault("text", row.public_text or masked_text(row))
        self.initial.setdefault("answer", row.public_answer or row.answer)

    def _save(self, values: dict[str, Any]) -> None:
        publish_answer(self.obstacle, text=values["text"], answer=values["answer"], by=self.by)


class UnpublishForm(ObstacleStepForm):
    step, title, button, done = "unpublish", "撤下公布", "撤下", "已撤下，公众不再看到。"
    is_main = False

    def _save(self, values: dict[str, Any]) -> None:
        unpublish_answer(self.obstacle, by=self.by)


STEPS: dict[str, type[ObstacleStepForm]] = {
    form.step: form
    for form in (
        AnswerForm,
        SolvedForm,
        UnsolvedForm,
        AssignForm,
        PublishForm,
        UnpublishForm,
        WithdrawForm,
    )
}


def available_steps(obstacle: Obstacle, user: User) -> list[str]:
    """Names of the steps that this user can take in the present state of the obstacle, the main one first."""
    status, rows = obstacle.status, Obstacle.objects.filter(pk=obstacle.pk)
    steps = []
    if status == Obstacle.Status.ASSIGNED and rows.answerable_by(user).exists():
        steps.append("answer")
    is_raiser = rows.raised_by(user).exists()
    if status == Obstacle.Status.ANSWERED and is_raiser and obstacle.answered_by_id != user.pk:
        steps += ["solved", "unsolved"]
    if user.scope.is_city:
        if status in {Obstacle.Status.RAISED, Obstacle.Status.ASSIGNED, Obstacle.Status.UNSOLVED}:
            steps.append("assign")
        if status in {Obstacle.Status.ANSWERED, Obstacle.Status.SOLVED}:
            steps.append("publish")
        if obstacle.published_at:
            steps.append("unpublish")
    if status in {Obstacle.Status.RAISED, Obstacle.Status.ASSIGNED} and is_raiser:
        steps.append("withdraw")
    return steps
