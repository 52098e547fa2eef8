"""Query parameters that filter demands, in the API and in lists with the same parameters."""

import django_filters
from django.db.models import Q

from accounts.models import Region
from demands.models import Demand
from demands.public_facts import public_industry, public_region
from search.bigrams import is_searchable
from taxonomy.models import Industry, TransferWay

BUDGET_BANDS = {
    "50": ("50 万元以内", Q(budget_max_wan__lte=50)),
    "200": ("50–200 万元", Q(budget_max_wan__gt=50, budget_max_wan__lte=200)),
    "500": ("200–500 万元", Q(budget_max_wan__gt=200, budget_max_wan__lte=500)),
    "more": ("500 万元以上", Q(budget_max_wan__gt=500) | Q(budget_max_wan=None, budget_min_wan__isnull=False)),
    "open": ("面议", Q(budget_max_wan=None, budget_min_wan=None)),
}
"""Band → (label, condition) on the maximum budget in 万元. Each demand is in exactly one band."""


class DemandFilter(django_filters.FilterSet):
    """Values of one parameter are alternatives (OR); parameters are combined (AND)."""

    q = django_filters.CharFilter(method="search", label="关键词", min_length=2, max_length=100)
    industry = django_filters.ModelMultipleChoiceFilter(
        queryset=Industry.objects.active(), to_field_name="slug", method="by_industry", label="产业链"
    )
    kind = django_filters.MultipleChoiceFilter(choices=Demand.Kind.choices, label="需求类型")
    way = django_filters.MultipleChoiceFilter(choices=TransferWay.choices, method="by_way", label="合作方式")
    region = django_filters.ModelMultipleChoiceFilter(
        queryset=Region.objects.reporting(),
        to_field_name="code",
        method="by_region",
        label="所属区市县",
    )
    budget = django_filters.MultipleChoiceFilter(
        choices=[(name, label) for name, (label, _rows) in BUDGET_BANDS.items()],
        method="by_budget",
        label="拟投入资金",
    )
    wants_challenge = django_filters.BooleanFilter(label="愿意揭榜挂帅")

    class Meta:
        model = Demand
        fields = ("q", "industry", "kind", "way", "region", "budget", "wants_challenge")

    def search(self, queryset, _name, value):
        return queryset.search(value) if is_searchable(value) else queryset.none()

    def by_way(self, queryset, _name, value):
        return queryset.filter(transfer_ways__overlap=value) if value else queryset

    # Not by the stored facts: an anonymous demand must not be found by what it does not say.
    def by_industry(self, queryset, _name, value):
        """A first-level industry includes its sub-industries, as in the public list."""
        if not value:
            return queryset
        chosen = [row.pk for row in value]
        shown = Industry.objects.filter(Q(pk__in=chosen) | Q(parent__in=chosen)).values("pk")
        return queryset.alias(shown_industry=public_industry()).filter(shown_industry__in=shown)

    def by_region(self, queryset, _name, value):
        return (
            queryset.alias(shown_region=public_region()).filter(shown_region__in=[row.pk for row in value])
            if value
            else queryset
        )

    def by_budget(self, queryset, _name, value):
        rows = Q(pk__in=[])
        for bucket in value:
            rows |= BUDGET_BANDS[bucket][1]
        return queryset.filter(rows) if value else queryset
