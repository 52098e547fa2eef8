"""The form of a saved search: what is searched, and the conditions of the public list as check boxes."""

from typing import Any

from django import forms

from core.forms import ServiceForm
from subscriptions.filters import PARAMETERS, filter_choices
from subscriptions.models import TEXT_LENGTH, SavedSearch
from subscriptions.services.saved_searches import SearchDraft, change_search, save_search


class SavedSearchForm(ServiceForm):
    """`kind`: achievement or demand. `instance`: the search that is changed; None for a new one."""

    text = forms.CharField(
        label="要找什么",
        required=False,
        max_length=TEXT_LENGTH,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一个词，例如“表面包覆”；或者一两句话，写清要解决的问题。只按条件订阅时可以不写。",
    )
    mode = forms.ChoiceField(
        label="怎样比对", choices=SavedSearch.Mode.choices, widget=forms.RadioSelect, initial=SavedSearch.Mode.WORDS
    )
    name = forms.CharField(
        label="订阅名称", required=False, max_length=60, help_text="出现在邮件里；不写时取内容的前几个字。"
    )

    def __init__(self, data: Any = None, *, user: Any, kind: str, instance: SavedSearch | None = None, **kwargs: Any):
        self.user, self.kind, self.instance = user, kind, instance
        super().__init__(data, **kwargs)
        for name in PARAMETERS[kind]:
            label, choices = filter_choices(kind, name)
            self.fields[f"filter_{name}"] = forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @property
    def filter_fields(self) -> list[forms.BoundField]:
        return [self[f"filter_{name}"] for name in PARAMETERS[self.kind]]

    def _save(self, values: dict) -> None:
        filters = {name: sorted(values[f"filter_{name}"]) for name in PARAMETERS[self.kind]}
        draft = SearchDraft(
            kind=self.kind,
            name=values["name"],
            mode=values["mode"],
            text=values["text"],
            filters={name: chosen for name, chosen in filters.items() if chosen},
        )
        if self.instance is None:
            self.instance = save_search(draft, by=self.user)
        else:
            change_search(self.instance, draft, by=self.user)
