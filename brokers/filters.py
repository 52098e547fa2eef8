"""Query parameters that filter agencies, in the API and in lists with the same parameters."""

import django_filters
from django.db.models import Q

from accounts.models import Organisation, Region
from accounts.models.organisations import AGENCY_FIELDS
from brokers.models import Agency
from search.bigrams import contains, is_searchable
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
        """With each word in the name or the profile."""
        for word in value.split()[:5]:  # of the kind whose texts are in the index
            queryset = queryset.filter(self.has_word(word), organisation__kind=Organisation.Kind.AGENCY)
        return queryset

    @staticmethod
    def has_word(word: str, path: str = "organisation__") -> Q:
        if is_searchable(word):
            return contains(word, *(path + field for field in AGENCY_FIELDS))
        return Q(**{f"{path}name__icontains": word}) | Q(**{f"{path}profile__icontains": word})

    def by_service(self, queryset, _name, value):
        return queryset.filter(services__overlap=value) if value else queryset
