"""REST API of published achievements: the fields of their public pages."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api import OrganisationNameSerializer
from achievements.filters import AchievementFilter
from achievements.models import Achievement, Completer, Indicator, IntellectualProperty
from core.api import PublicViewSet, describe_parameters
from taxonomy.api import CodedField, IndustryNameSerializer
from taxonomy.models import MaturityBucket, MaturityScale, TransferWay

describe_parameters(AchievementFilter, industry="产业链的 slug，见 industries", institution="单位的 id")


class MaturitySerializer(serializers.Serializer):
    """Levels of different scales are not comparable; `bucket` is."""

    scale = CodedField(MaturityScale.choices, source="maturity_scale")
    level = serializers.IntegerField(source="maturity_level", allow_null=True)
    bucket = CodedField(MaturityBucket.choices, source="maturity_bucket", allow_null=True)


class AchievementSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    institution = OrganisationNameSerializer()
    industry = IndustryNameSerializer()
    form = CodedField(Achievement.Form.choices)
    stage = CodedField(Achievement.Stage.choices)
    status = CodedField(Achievement.Status.choices)
    maturity = MaturitySerializer(source="*")
    transfer_ways = serializers.ListField(child=CodedField(TransferWay.choices))

    class Meta:
        model = Achievement
        fields = [
            "id", "registry_number", "title", "institution", "industry", "keywords", "summary", "form", "stage",
            "maturity", "transfer_ways", "price_min_wan", "price_max_wan", "price_negotiable", "pay_later", "status",
            "published_at", "updated_at", "expires_on",
        ]  # fmt: skip


class AchievementIndicatorSerializer(serializers.ModelSerializer):
    text = serializers.CharField()

    class Meta:
        model = Indicator
        fields = ["name", "text", "condition", "basis", "today"]


class IntellectualPropertySerializer(serializers.ModelSerializer):
    kind = CodedField(IntellectualProperty.Kind.choices)

    class Meta:
        model = IntellectualProperty
        fields = ["kind", "title", "number", "state"]


class CompleterSerializer(serializers.ModelSerializer):
    class Meta:
        model = Completer
        fields = ["name", "unit"]


class AchievementDetailSerializer(AchievementSerializer):
    standing = CodedField(Achievement.Standing.choices)
    indicators = AchievementIndicatorSerializer(many=True)
    intellectual_property = IntellectualPropertySerializer(many=True)
    completers = CompleterSerializer(many=True)

    class Meta(AchievementSerializer.Meta):
        fields = [
            *AchievementSerializer.Meta.fields, "partner_names", "lead_person", "innovation", "scenario", "economics",
            "limits", "standing", "national_number", "wanted_partner", "funds_needed_wan", "indicators",
            "intellectual_property", "completers",
        ]  # fmt: skip


@extend_schema_view(
    list=extend_schema(summary="科技成果", responses=AchievementSerializer(many=True)),
    retrieve=extend_schema(summary="一项科技成果", responses=AchievementDetailSerializer),
)
class AchievementViewSet(PublicViewSet):
    queryset = Achievement.objects.none()
    serializer_class = AchievementSerializer
    detail_serializer_class = AchievementDetailSerializer
    filterset_class = AchievementFilter

    def visible(self):
        return Achievement.objects.visible_to(self.request.user).select_related("institution", "industry")

    def get_list_queryset(self):
        return self.visible().published().order_by("-updated_at", "-pk")

    def get_detail_queryset(self):
        return self.visible().prefetch_related("indicators", "intellectual_property", "completers")
