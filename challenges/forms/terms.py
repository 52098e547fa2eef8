"""The terms of a call as its firm writes them, with lines of indicators and milestones."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from accounts.models import User
from challenges.models import Challenge, ChallengeIndicator, ChallengeMilestone
from challenges.services.drafting import MOST_LINES, TEXTS, save_challenge
from core.forms import PlainField, ServiceForm
from taxonomy.models import Comparison

BLANK_LINES = 2
LEAST_LINES = 3


def text_area(label: str, help_text: str = "", *, rows: int = 3, longest: int = 1000, required: bool = True):
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=longest, required=required, widget=widget)


def amount(label: str, help_text: str = "", *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=required,
        error_messages={"min_value": "请填写 0 以上的金额，单位是万元。"},
    )


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def moment(label: str, help_text: str = "", *, required: bool = True) -> forms.DateTimeField:
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return forms.DateTimeField(
        label=label, help_text=help_text, widget=MomentInput(), input_formats=formats, required=required
    )


def _weight(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=f"评分权重：{label}（%）", min_value=0, max_value=100, help_text=help_text)


class TermsForm(forms.Form):
    title = PlainField(label="榜单题目", max_length=120, help_text="一句话说清要做成什么，如“岸桥下自动拆装转锁”")
    problem = text_area("问题（用本企业自己的话）", "现在怎样做、难在哪里、做成什么样算好", rows=7, longest=5000)
    offers = text_area("企业能给什么", "一行一条，如试验用设备、现场、数据、加工", required=False)
    conditions = text_area("谁可以揭榜", "一行一条；不要求的也可以写明，如“不要求现在就有成品”", rows=4)
    prize_wan = amount("榜金（万元）", "按里程碑付给揭榜方")
    total_wan = amount("总投入（万元）", "含本企业配套的设备、场地、人工，可不填", required=False)
    closes_at = moment("揭榜截止", "发布以后只能延后，不能提前")
    publicity_workdays = forms.IntegerField(label="结果公示（工作日）", min_value=5, max_value=30)
    industry_weight = _weight("产业带动作用", "专家给方案评分时，下面四项各占多少，合计 100%")
    basis_weight = _weight("研究基础")
    technology_weight = _weight("技术指标")
    finance_weight = _weight("财务指标")


class IndicatorForm(forms.Form):
    name = PlainField(label="指标", max_length=100)
    comparison = forms.ChoiceField(label="比较", choices=Comparison.choices, initial=Comparison.AT_LEAST)
    value = PlainField(label="数值", max_length=60)
    value_to = PlainField(label="到", max_length=60, required=False)
    unit = PlainField(label="单位", max_length=30, required=False)
    condition = PlainField(label="测试条件", max_length=200, required=False)
    present = PlainField(label="现在是多少", max_length=60, required=False)
    acceptance = PlainField(label="怎样验收", max_length=200, required=False)  # a draft may lack it, a call may not

    def has_changed(self) -> bool:
        """A line with nothing but a comparison is blank."""
        return bool(set(self.changed_data) - {"comparison"})


class MilestoneForm(forms.Form):
    month = forms.IntegerField(label="第几个月", min_value=1, max_value=60)
    title = PlainField(label="里程碑", max_length=60)
    standard = PlainField(label="做到什么", max_length=200)
    percent = forms.IntegerField(label="付榜金的（%）", min_value=0, max_value=100)


class CallForms(ServiceForm):
    """The three parts of a call, saved together."""

    def __init__(self, data: Any = None, *, challenge: Challenge, by: User) -> None:
        super().__init__(data)
        self.challenge, self.by = challenge, by
        self.terms = TermsForm(data, initial={name: getattr(challenge, name) for name in TEXTS})
        self.indicators = _lines(IndicatorForm, "indicator", data, challenge.indicators.all(), ChallengeIndicator)
        self.milestones = _lines(MilestoneForm, "milestone", data, challenge.milestones.all(), ChallengeMilestone)

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.terms, self.indicators, self.milestones

    def is_valid(self) -> bool:
        """Checks all parts, so that all errors are shown at once."""
        return all([super().is_valid(), *(part.is_valid() for part in self.parts)])

    def messages(self) -> list[str]:
        """All errors as sentences that name row and field."""
        sentences = [str(message) for message in self.non_field_errors()]
        sentences += _messages(self.terms, "")
        for label, rows in (("指标", self.indicators), ("里程碑", self.milestones)):
            for number, form in enumerate(rows.forms, 1):
                sentences += _messages(form, f"{label}第 {number} 行，")
        return sentences

    def typed_texts(self) -> list[tuple[str, str]]:
        """(label, text) of what somebody has changed, for a page on which the call cannot be edited any more."""
        texts = [(str(bound.label), bound.value()) for bound in self.terms if bound.name in self.terms.changed_data]
        for label, rows in (("指标", self.indicators), ("里程碑", self.milestones)):
            for number, form in enumerate(rows.forms, 1):
                typed = [str(bound.value()) for bound in form if bound.value() and bound.name in form.changed_data]
                texts += [(f"{label}第 {number} 行", "，".join(typed))] if form.has_changed() else []
        return [(label, text) for label, text in texts if text]

    def _save(self, values: dict[str, Any]) -> None:
        try:
            save_challenge(
                self.challenge,
                values=self.terms.cleaned_data,
                indicators=_filled(self.indicators),
                milestones=_filled(self.milestones),
                by=self.by,
            )
        except ValidationError as error:
            raise ValidationError(error.messages) from None


def _messages(form: forms.BaseForm, where: str) -> list[str]:
    return [
        f"{where}{form.fields[name].label if name in form.fields else ''}：{message}"
        for name, errors in form.errors.items()
        for message in errors
    ]


def _lines(form: type[forms.Form], prefix: str, data: Any, rows: Any, model: type) -> BaseFormSet:
    initial = [{name: getattr(row, name) for name in form.base_fields} for row in rows]
    extra = max(LEAST_LINES - len(initial), BLANK_LINES)
    extra = min(extra, MOST_LINES - len(initial)) if len(initial) < MOST_LINES else 0
    made = formset_factory(form, extra=extra, max_num=MOST_LINES, absolute_max=MOST_LINES)
    blank = {"empty_permitted": True, "use_required_attribute": False}  # a line left blank is no line
    formset: BaseFormSet = made(data, initial=None if data is not None else initial, prefix=prefix, form_kwargs=blank)
    return formset


def _filled(rows: BaseFormSet) -> list[dict[str, Any]]:
    return [form.cleaned_data for form in rows.forms if form.cleaned_data.get("name") or form.cleaned_data.get("title")]
