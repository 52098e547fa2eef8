"""A choice from a long list that one types into: the browser offers what contains the words, also without a script."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST_NAMED = 5


class SearchInput(forms.Select):
    """A field with a list of suggestions (datalist). It shows labels; the field finds the value of one."""

    template_name = "core/_search_choice.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = {key: label for key, label in flat_choices(self.choices) if key}
        typed = str(value or "")
        context["widget"] |= {"shown": labels.get(typed, typed), "labels": list(labels.values())}
        return context


class SearchChoiceField(forms.ChoiceField):
    """Takes a label, a part of one that only one choice contains, or a value."""

    widget = SearchInput

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).strip()
        labels = {key: label for key, label in flat_choices(self.choices) if key}
        if not text or text in labels:
            return text
        exact = [key for key, label in labels.items() if label == text]
        near = exact or [key for key, label in labels.items() if text.casefold() in label.casefold()]
        if len(near) == 1:
            return near[0]
        if near:
            named = "、".join(labels[key] for key in near[:MOST_NAMED])
            more = "等" if len(near) > MOST_NAMED else ""
            raise ValidationError(f"有 {len(near)} 个含“{text[:30]}”：{named}{more}，请写全或从提示里选。")
        raise ValidationError(f"没有找到“{text[:30]}”，请换一个词，从提示里选。")


def flat_choices(choices: Any) -> Iterator[tuple[str, str]]:
    """(value, label) of choices with or without groups. A label that is there twice is told apart by its value."""
    seen: set[str] = set()
    for value, label in choices:
        inner = label if isinstance(label, list | tuple) else [(value, label)]
        for key, text in inner:
            shown = str(text) if str(text) not in seen else f"{text}（{str(key).rpartition(':')[2]}）"
            seen.add(shown)
            yield str(key), shown
