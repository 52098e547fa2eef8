"""Query parameters that filter agencies, in the API and in lists with the same parameters."""

import django_filters
from django.db.models import Q

from accounts.models import Region
from brokers.models import Agency
from taxonomy.models import Industry


class AgencyFilter(django_filters.FilterSet):
    """Values of one parameter are alternatives (OR); parameters are combined (AND)."""

    q = django_filters.CharFilter(method="search", label="关键词")
    kind = django_filters.MultipleChoiceFilter(choices=Agency.Kind.choices, label="机构类别")
    service = django_filters.MultipleChoiceFilter(choices=Agency.Service.choices, method="by_service", label="服务类型")
    industry = django_filters.ModelMultipleChoiceFilter(
        field_name="industries__slug", queryset=Industry.objects.active(), to_field_name="slug", label="服务领域"
    )
    region = django_filters.ModelMultipleChoiceFilter(
        field_name="regions__code", queryset=Region.objects.reporting(), to_field_name="code", label="服务区市县"
    )

    class Meta:
        model = Agency
        fields = ("q", "kind", "service", "industry", "region")

    def search(self, queryset, _name, value):
        """Substring search without an index: the directory is short."""
        words = value.split()[:5]
        for word in words:
            queryset = queryset.filter(Q(organisation__name__icontains=word) | Q(organisation__profile__icontains=word))
        return queryset

    def by_service(self, queryset, _name, value):
        return queryset.filter(services__overlap=value) if value else queryset
