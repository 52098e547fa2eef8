"""REST API of industries, and serializers for coded values shared by the apps."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from taxonomy.models import Industry


@extend_schema_field(
    {
        "type": "object",
        "required": ["code", "label"],
        "properties": {"code": {"type": "string"}, "label": {"type": "string"}},
    }
)
class CodedField(serializers.ChoiceField):
    """A choice value as {"code", "label"}; null if empty."""

    def to_representation(self, value):
        return {"code": value, "label": str(self.choices[value])} if value in self.choices else None


class IndicatorSerializer(serializers.Serializer):
    name = serializers.CharField(label="指标名称")
    text = serializers.CharField(label="要求或数值")
    condition = serializers.CharField(label="测试条件")


class IndustryNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Industry
        fields = ["slug", "name"]


class IndustrySerializer(serializers.ModelSerializer):
    parent: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Industry
        fields = ["slug", "name", "parent"]


@extend_schema_view(list=extend_schema(summary="产业链"), retrieve=extend_schema(summary="一个产业"))
class IndustryViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Industry.objects.active().select_related("parent").order_by("order", "pk")
    serializer_class = IndustrySerializer
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
