"""The conditions of a saved search: parameters of the public lists, checked and applied by their filters."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from achievements.filters import AchievementFilter
from achievements.models import Achievement
from demands.filters import DemandFilter
from demands.models import Demand
from subscriptions.models import SavedSearch

KINDS: dict[str, type[Achievement | Demand]] = {"achievement": Achievement, "demand": Demand}
_FILTERS: dict[str, type[django_filters.FilterSet]] = {"achievement": AchievementFilter, "demand": DemandFilter}
PARAMETERS = {
    "achievement": ("industry", "institution", "bucket", "way", "price", "pay_later"),
    "demand": ("industry", "kind", "region", "way", "budget"),
}
"""The facets of each public list."""
MAX_VALUES = 30
"""Of one parameter; as many as the longest facet that people choose from by hand."""


def kind_of(params: QueryDict) -> str:
    """achievement or demand. `kind` is also a facet of demands, with other values."""
    return next((value for value in params.getlist("kind") if value in KINDS), SavedSearch.Kind.ACHIEVEMENT)


def read_filters(kind: str, params: QueryDict) -> dict[str, list[str]]:
    """The parameters of the list of this kind that its filters accept; unknown names and values are left out."""
    filters: dict[str, list[str]] = {}
    for name in PARAMETERS[kind]:
        values = [value for value in dict.fromkeys(params.getlist(name)) if value and value not in KINDS]
        valid = [value for value in values[:MAX_VALUES] if _filterset(kind, {name: [value]}).is_valid()]
        if valid:
            filters[name] = sorted(valid)
    return filters


def apply_filters(rows: QuerySet, kind: str, filters: Mapping[str, list[str]]) -> QuerySet:
    """The rows that satisfy all conditions; none if a condition no longer exists, as an industry that was ended."""
    if not filters:
        return rows
    filterset = _filterset(kind, filters, rows)
    filtered: QuerySet = filterset.qs if filterset.is_valid() else rows.none()
    return filtered


def filter_texts(kind: str, filters: Mapping[str, list[str]]) -> list[str]:
    """产业链：新材料、高端装备, one text for each parameter."""
    form = _filterset(kind, filters).form
    form.is_valid()
    texts = []
    for name, values in filters.items():
        labels = "、".join(
            _labels(form.cleaned_data.get(name), dict(getattr(form.fields[name], "choices", ())), values)
        )
        texts.append(f"{form.fields[name].label}：{labels}")
    return texts


def filter_choices(kind: str, name: str) -> tuple[str, list[tuple[str, str]]]:
    """Label and (value, label) pairs of a parameter."""
    field = _filterset(kind, {}).form.fields[name]
    label = str(field.label)
    choices = getattr(field, "choices", None)
    if choices is None:  # yes or no
        return label, [("1", "是")]
    return label, [(str(value), str(text)) for value, text in choices if str(value)]


def list_query(search: SavedSearch) -> str:
    """The query string of the public list with this search; a sentence is left out, the list searches literally."""
    pairs: list[tuple[str, Any]] = [("q", search.text)] if search.text and search.mode == "words" else []
    return urlencode([*pairs, *search.filters.items()], doseq=True)


def _filterset(kind: str, filters: Mapping[str, list[str]], rows: QuerySet | None = None) -> django_filters.FilterSet:
    data = QueryDict(urlencode(dict(filters), doseq=True))
    return _FILTERS[kind](data, queryset=KINDS[kind].objects.none() if rows is None else rows)


def _labels(cleaned: Any, choices: Mapping[Any, Any], values: Iterable[str]) -> list[str]:
    if cleaned is True:
        return ["是"]
    if not cleaned:
        return ["（已不存在）"]
    return [str(choices.get(value, value)) if isinstance(value, str) else str(value) for value in cleaned]
