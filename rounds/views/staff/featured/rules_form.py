"""The rules of a round's list as a form, and as the address of a preview."""

from dataclasses import replace
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rounds.featured import GroupQuotas, InvalidRulesError, Quota, SelectionRules
from rounds.featured.rules import SIDES, WEIGHTS
from rounds.services.featured import parse_themes

NUMBERS = {"number": _("推介数量"), **WEIGHTS, "rest": _("避开前几场推介过的")}
ENDS = {"least": _("至少"), "most": _("至多")}
SIDE_LABELS = {"institutions": _("每所院校"), "industries": _("每个产业")}
LOOK = "look"
"""In an address: show what the rules in it would change."""


class CountField(forms.IntegerField):
    """A plain text box: a number box loses what it does not understand before anybody can say what was wrong. How large
    a number may be, the rules say themselves."""

    default_error_messages = {"invalid": _("要填整数，例如 8。"), "required": _("请填写，例如 8。")}

    def __init__(self, **kwargs):
        super().__init__(**kwargs, widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "maxlength": 4}))


class RulesForm(forms.Form):
    """Once it is valid, `rules` are what it says. `names` is {side: {key: name}} of what may have limits of its own."""

    themes = forms.CharField(
        label=_("主题词"), required=False, max_length=200, help_text=_("用顿号分开，与产业名称、成果名称和关键词比对")
    )
    key_industries = forms.MultipleChoiceField(label=_("重点产业"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, names: dict, rules: SelectionRules, **kwargs):
        super().__init__(*args, **kwargs, initial=_as_initial(rules), auto_id="fy-%s")
        self.names = names
        self.rules = rules
        for name, label in NUMBERS.items():
            self.fields[name] = CountField(label=label)
        for side, label in SIDE_LABELS.items():
            for end, words in ENDS.items():
                self.fields[f"{side}_{end}"] = CountField(label=f"{label}{words}", required=end == "least")
            for key, name in names[side].items():
                for end, words in ENDS.items():
                    self.fields[f"{side}_{key}_{end}"] = CountField(label=f"{name}{words}", required=False)
        self.fields["key_industries"].choices = list(names["industries"].items())

    def clean(self):
        found = super().clean()
        if self.errors:
            return found
        limits = {side: self._limits(side, found) for side in SIDES}
        numbers = {name: found[name] for name in NUMBERS}
        try:
            self.rules = SelectionRules(
                **numbers,
                **limits,
                themes=parse_themes(found["themes"]),
                key_industries=tuple(sorted(found["key_industries"])),
            ).checked()
        except InvalidRulesError as error:
            raise ValidationError(str(error)) from error
        return found

    def _limits(self, side: str, found: dict) -> GroupQuotas:
        each = Quota(found[f"{side}_least"], found[f"{side}_most"])
        special = {}
        for key in self.names[side]:
            least, most = found[f"{side}_{key}_least"], found[f"{side}_{key}_most"]
            if least is not None or most is not None:
                special[key] = replace(each, **{n: v for n, v in (("least", least), ("most", most)) if v is not None})
        return GroupQuotas(each, special)

    @property
    def wrong(self) -> list[str]:
        """What is wrong, each sentence with the field it is about."""
        return [
            f"{self.fields[name].label}：{error}" if name in self.fields else error
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def numbers(self):
        return [self[name] for name in NUMBERS]

    @property
    def sides(self):
        """(words, its least and most, [(name, least, most) of each one]) for the page."""
        return [
            (
                label,
                [self[f"{side}_{end}"] for end in ENDS],
                [(name, *(self[f"{side}_{key}_{end}"] for end in ENDS)) for key, name in self.names[side].items()],
            )
            for side, label in SIDE_LABELS.items()
        ]

    @property
    def has_special(self) -> bool:
        return any(getattr(self.rules, side).special for side in SIDES)


def _as_initial(rules: SelectionRules) -> dict:
    values = {name: getattr(rules, name) for name in NUMBERS}
    values |= {"themes": "、".join(rules.themes), "key_industries": list(rules.key_industries)}
    for side in SIDES:
        limits = getattr(rules, side)
        values |= {f"{side}_least": limits.each.least, f"{side}_most": limits.each.most}
        for key, span in limits.special.items():
            values |= {f"{side}_{key}_{end}": getattr(span, end) for end in ENDS}
    return values


def address_of(rules: SelectionRules) -> str:
    """The query that shows what these rules would change."""
    values = {name: value for name, value in _as_initial(rules).items() if value not in (None, "", [])}
    return urlencode({LOOK: "1"} | values, doseq=True)
