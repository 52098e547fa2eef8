"""The selection rules of featured achievements as a form, and as the query string of a preview."""

from dataclasses import replace
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from core.forms import fixed_choice
from rounds.featured import GroupQuotas, InvalidRulesError, Quota, SelectionRules
from rounds.featured.rules import SIDES, WEIGHTS
from rounds.services.featured import parse_themes

NUMBER_FIELDS = {"number": "推介数量", **WEIGHTS, "rest": "避开前几场推介过的"}
QUOTA_ENDS = {"least": "至少", "most": "至多"}
SIDE_LABELS = {"institutions": "每所院校", "industries": "每个产业"}
PREVIEW = "look"
"""Query parameter: preview what the rules in the query would change."""


class CountField(forms.IntegerField):
    """A text input: a number input would drop a faulty value before the server can name it. `SelectionRules` checks the
    range."""

    default_error_messages = {"invalid": "要填整数，例如 8。", "required": "请填写，例如 8。"}

    def __init__(self, **kwargs):
        super().__init__(**kwargs, widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "maxlength": 4}))


class RulesForm(forms.Form):
    """Once the form is valid, `rules` holds its rules.

    `names` is {side: {key: name}}: the institutions and industries that may have a quota of their own.
    """

    themes = forms.CharField(
        label="主题词", required=False, max_length=200, help_text="用顿号分开，与产业名称、成果名称和关键词比对"
    )
    key_industries = forms.MultipleChoiceField(label="重点产业", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, names: dict, rules: SelectionRules, **kwargs):
        super().__init__(*args, **kwargs, initial=_as_initial(rules), auto_id="fy-%s")
        self.names = names
        self.rules = rules
        for name, label in NUMBER_FIELDS.items():
            self.fields[name] = CountField(label=label)
        for side, label in SIDE_LABELS.items():
            for end, end_label in QUOTA_ENDS.items():
                self.fields[f"{side}_{end}"] = CountField(label=f"{label}{end_label}", required=end == "least")
            for key, name in names[side].items():
                for end, end_label in QUOTA_ENDS.items():
                    self.fields[f"{side}_{key}_{end}"] = CountField(label=f"{name}{end_label}", required=False)
        fixed_choice(self, "key_industries").choices = list(names["industries"].items())

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        if self.errors:
            return values
        limits = {side: self._quotas(side, values) for side in SIDES}
        numbers = {name: values[name] for name in NUMBER_FIELDS}
        try:
            self.rules = SelectionRules(
                **numbers,
                **limits,
                themes=parse_themes(values["themes"]),
                key_industries=tuple(sorted(values["key_industries"])),
            ).checked()
        except InvalidRulesError as error:
            raise ValidationError(str(error)) from error
        return values

    def _quotas(self, side: str, values: dict) -> GroupQuotas:
        each = Quota(values[f"{side}_least"], values[f"{side}_most"])
        special = {}
        for key in self.names[side]:
            least, most = values[f"{side}_{key}_least"], values[f"{side}_{key}_most"]
            if least is not None or most is not None:
                special[key] = replace(each, **{n: v for n, v in (("least", least), ("most", most)) if v is not None})
        return GroupQuotas(each, special)

    @property
    def error_sentences(self) -> list[str]:
        """Each error with the label of its field."""
        return [
            f"{self.fields[name].label}：{error}" if name in self.fields else error
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def numbers(self) -> list[BoundField]:
        return [self[name] for name in NUMBER_FIELDS]

    @property
    def sides(self) -> list[tuple]:
        """(label, its two fields, [(name, least, most) of each group]) for the page."""
        return [
            (
                label,
                [self[f"{side}_{end}"] for end in QUOTA_ENDS],
                [
                    (name, *(self[f"{side}_{key}_{end}"] for end in QUOTA_ENDS))
                    for key, name in self.names[side].items()
                ],
            )
            for side, label in SIDE_LABELS.items()
        ]

    @property
    def has_special(self) -> bool:
        return any(getattr(self.rules, side).special for side in SIDES)


def _as_initial(rules: SelectionRules) -> dict:
    values = {name: getattr(rules, name) for name in NUMBER_FIELDS}
    values |= {"themes": "、".join(rules.themes), "key_industries": list(rules.key_industries)}
    for side in SIDES:
        limits = getattr(rules, side)
        values |= {f"{side}_least": limits.each.least, f"{side}_most": limits.each.most}
        for key, span in limits.special.items():
            values |= {f"{side}_{key}_{end}": getattr(span, end) for end in QUOTA_ENDS}
    return values


def preview_query(rules: SelectionRules) -> str:
    """The query string of a preview of these rules."""
    values = {name: value for name, value in _as_initial(rules).items() if value not in (None, "", [])}
    return urlencode({PREVIEW: "1"} | values, doseq=True)
