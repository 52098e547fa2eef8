"""Steps with a case, and the answer of a party. Each form calls one service when it is saved."""

from django import forms

from accounts.models import Organisation, User
from core.forms import ServiceForm
from integrity.models import Case, Explanation
from integrity.services.decisions import MOST_REASON, Verdict, decide_case
from integrity.services.explanations import MOST_TEXT, answer_explanation, ask_explanations
from integrity.signals.registry import SIGNALS


class CaseForm(ServiceForm):
    """`action` names the form in the request and is the prefix of its fields. `revision`: what its reader saw."""

    action = title = button = done = ""
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, case: Case, by: User):
        super().__init__(data, prefix=self.action)
        self.case, self.by = case, by
        self.fields["revision"].initial = case.revision


class AskForm(CaseForm):
    """`offers_anybody`: whether a party is left that can be asked."""

    action, title, button = "ask", "请当事方说明", "发出请求"
    done = "已请当事方说明，答复期限 10 个工作日。"
    organisations = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label="请谁说明",
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择要说明的单位。"},
    )
    question = forms.CharField(
        label="请说明什么",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="当事方只看到这段话和本单位的合同，看不到其他单位的情况。",
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        pending = self.case.explanations.pending().values("organisation")
        offered = self.case.organisations.exclude(pk__in=pending)
        field: forms.ModelMultipleChoiceField = self.fields["organisations"]  # type: ignore[assignment]
        field.queryset = offered
        self.offers_anybody = offered.exists()
        self.fields["organisations"].initial = list(offered.values_list("public_id", flat=True))
        self.fields["question"].initial = SIGNALS[self.case.signal].question

    def _save(self, values: dict) -> None:
        ask_explanations(
            self.case,
            organisations=list(values["organisations"]),
            question=values["question"],
            revision=values["revision"],
            by=self.by,
        )


class DecideForm(CaseForm):
    action, title, button = "decide", "作出决定", "记录决定"
    done = "已记录决定。"
    outcome = forms.ChoiceField(
        label="决定",
        choices=Case.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择决定。"},
    )
    rows = forms.TypedMultipleChoiceField(
        label="针对哪些记录", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label="理由",
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="写明核对了什么、依据是什么；理由会留在操作记录里。",
        error_messages={"required": "请写明理由。"},
    )
    correction = forms.CharField(
        label="改正情况", max_length=200, required=False, help_text="决定“已改正”时填写，如更正了哪份合同的哪一栏。"
    )

    def __init__(self, data=None, *, labels: list[tuple[int, str]], proposed: list[int], outcome: str = "", **kwargs):
        """`labels`: the rows that a decision can fall on; `proposed`: those of them that are ticked at first."""
        super().__init__(data, **kwargs)
        field: forms.TypedMultipleChoiceField = self.fields["rows"]  # type: ignore[assignment]
        field.choices = labels
        self.fields["rows"].initial = proposed
        self.fields["outcome"].initial = outcome

    def _save(self, values: dict) -> None:
        verdict = Verdict(values["outcome"], values["reason"], values["rows"], values["correction"])
        decide_case(self.case, verdict, revision=values["revision"], by=self.by)


class AnswerForm(ServiceForm):
    text = forms.CharField(
        label="说明",
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": "请填写说明。"},
    )
    file = forms.FileField(
        label="证明材料", required=False, help_text="PDF、Word、Excel、PPT、PNG 或 JPG，不超过 20 MB；几份请合成一份。"
    )

    def __init__(self, *args, explanation: Explanation, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.explanation, self.by = explanation, by

    def _save(self, values: dict) -> None:
        upload = values["file"]
        answer_explanation(
            self.explanation,
            text=values["text"],
            by=self.by,
            content=upload.read() if upload else b"",
            name=upload.name if upload else "",
        )
