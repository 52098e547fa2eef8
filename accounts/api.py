"""What the API of every app above shares: how organisations and regions are named, and what a caller may read."""

from django_filters import FilterSet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from accounts.models import Organisation, Region
from core.public_id import PATTERN


def describe_parameters(filterset: type[FilterSet], **descriptions: str) -> None:
    """Tell the OpenAPI document what the values of parameters are that refer to other rows: text, explained here."""
    for name, description in descriptions.items():
        extend_schema_field({"type": "string", "description": description})(filterset.base_filters[name])


class OrganisationNameSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Organisation
        fields = ["id", "name"]


class RegionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Region
        fields = ["code", "name"]


class PublicViewSet(viewsets.ReadOnlyModelViewSet):
    """As the pages do: a filtered list of what is published, and any single item that the caller may see.

    A subclass gives `serializer_class`, perhaps a fuller `detail_serializer_class`, and both querysets.
    """

    lookup_field = "public_id"
    lookup_value_regex = PATTERN
    detail_serializer_class = None

    def get_queryset(self):
        return self.one_of() if self.detail else self.listed()

    def get_serializer_class(self):
        return self.detail_serializer_class if self.detail and self.detail_serializer_class else self.serializer_class

    def filter_queryset(self, queryset):
        return queryset if self.detail else super().filter_queryset(queryset)
