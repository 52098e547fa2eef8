"""Filters of achievement lists. Values of one parameter are alternatives (OR); parameters are combined (AND)."""

import django_filters
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import Organisation
from achievements.models import Achievement
from search.bigrams import is_searchable
from taxonomy.models import Industry, MaturityBucket, TransferWay

PRICE_BANDS = {
    "under50": ("50 万元以下", 0, 50),
    "50-200": ("50–200 万元", 50, 200),
    "200-1000": ("200–1000 万元", 200, 1000),
    "over1000": ("1000 万元以上", 1000, None),
    "negotiable": ("面议", None, None),
}
"""Band → (label, lower bound inclusive, upper bound exclusive) in 万元, applied to the minimum or only price."""


class AchievementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="搜索", method="search", min_length=2, max_length=100)
    industry = django_filters.ModelMultipleChoiceFilter(
        label="产业链",
        queryset=lambda request: Industry.objects.active(),
        to_field_name="slug",
        method="in_industries",
    )
    institution = django_filters.ModelMultipleChoiceFilter(
        label="所属单位",
        field_name="institution__public_id",
        queryset=lambda request: Organisation.objects.institutions(),
        to_field_name="public_id",
    )
    bucket = django_filters.MultipleChoiceFilter(
        label="成熟度", field_name="maturity_bucket", choices=MaturityBucket.choices
    )
    stage = django_filters.MultipleChoiceFilter(label="所处阶段", choices=Achievement.Stage.choices)
    way = django_filters.MultipleChoiceFilter(label="转化方式", choices=TransferWay.choices, method="in_ways")
    price = django_filters.MultipleChoiceFilter(
        label="意向价格", choices=[(name, band[0]) for name, band in PRICE_BANDS.items()], method="in_price_bands"
    )
    pay_later = django_filters.BooleanFilter(label="可先使用后付费", widget=django_filters.widgets.BooleanWidget())
    keyword = django_filters.CharFilter(label="关键词", method="with_keyword", max_length=30)

    class Meta:
        model = Achievement
        fields = ["q", "industry", "institution", "bucket", "stage", "way", "price", "pay_later", "keyword"]

    def search(self, queryset, name, value):
        return queryset.search(value) if is_searchable(value) else queryset.none()

    def in_industries(self, queryset, name, value):
        """A first-level industry includes its sub-industries."""
        return queryset.filter(Q(industry__in=value) | Q(industry__parent__in=value)) if value else queryset

    def in_ways(self, queryset, name, value):
        return queryset.filter(transfer_ways__overlap=value) if value else queryset

    def in_price_bands(self, queryset, name, value):
        bands = Q()
        for band in value:
            _label, low, high = PRICE_BANDS[band]
            if low is None:
                bands |= Q(price_named__isnull=True)
            else:
                bands |= Q(price_named__gte=low) & (Q() if high is None else Q(price_named__lt=high))
        return queryset.alias(price_named=Coalesce("price_min_wan", "price_max_wan")).filter(bands)

    def with_keyword(self, queryset, name, value):
        return queryset.filter(keywords__contains=[value])
