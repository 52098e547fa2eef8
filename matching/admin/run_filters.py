"""Filters that keep the many immediate runs apart from the batches."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter

from matching.models import MatchRun


class KindFilter(admin.SimpleListFilter):
    """Immediate runs, which are many, are listed only if asked for."""

    title, parameter_name = "类型", "kind"
    ALL = "all"

    def lookups(self, request: HttpRequest, model_admin):
        return [(MatchRun.Kind.IMMEDIATE, "发布后即时匹配"), (self.ALL, "全部")]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        return [first | {"display": "整批匹配"}, *others]

    def queryset(self, request: HttpRequest, queryset):
        if self.value() == self.ALL:
            return queryset
        if self.value() == MatchRun.Kind.IMMEDIATE:
            return queryset.immediate()
        return queryset.exclude(kind=MatchRun.Kind.IMMEDIATE)


class BatchDropdownFilter(RelatedDropdownFilter):
    """Filter by run; immediate runs are too many for a list of choices."""

    def field_choices(self, field, request: HttpRequest, model_admin):
        ordering = self.field_admin_ordering(field, request, model_admin)
        limit = ~Q(kind=MatchRun.Kind.IMMEDIATE)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=limit)
