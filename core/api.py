"""Base of the read API's views."""

from django.db.models import QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import extend_schema_field
from rest_framework import viewsets
from rest_framework.serializers import BaseSerializer

from core.public_id import PATTERN


def describe_parameters(filterset: type[FilterSet], **descriptions: str) -> None:
    """Declare filter parameters that refer to other rows as strings with a description in the OpenAPI schema."""
    for name, description in descriptions.items():
        extend_schema_field({"type": "string", "description": description})(filterset.base_filters[name])


class PublicViewSet(viewsets.ReadOnlyModelViewSet):
    """A filtered list of published rows, and the detail of any row that the caller may see.

    A subclass sets `serializer_class`, optionally `detail_serializer_class`, and defines both querysets.
    """

    lookup_field = "public_id"
    lookup_value_regex = PATTERN
    serializer_class: type[BaseSerializer]
    detail_serializer_class: type[BaseSerializer] | None = None

    def get_list_queryset(self) -> QuerySet:
        raise NotImplementedError

    def get_detail_queryset(self) -> QuerySet:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet:
        return self.get_detail_queryset() if self.detail else self.get_list_queryset()

    def get_serializer_class(self) -> type[BaseSerializer]:
        return self.detail_serializer_class if self.detail and self.detail_serializer_class else self.serializer_class

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset if self.detail else super().filter_queryset(queryset)
