"""REST API of published demands: the fields of their public pages. Anonymous firms are masked for every caller."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api import RegionSerializer
from core.api import PublicViewSet, describe_parameters
from demands.filters import DemandFilter
from demands.masking import identifying_names, mask_firm
from demands.models import Demand
from demands.public_facts import NEWEST_DAYS
from taxonomy.api import CodedField, IndicatorSerializer, IndustryNameSerializer
from taxonomy.models import TransferWay

describe_parameters(DemandFilter, industry="产业链的 slug，见 industries", region="区市县的代码")


class PublicText(serializers.CharField):
    """A text field with the name of an anonymous firm masked."""

    def get_attribute(self, demand):
        return demand.public_text(self.field_name)


class PublicKeywords(serializers.ListField):
    child = serializers.CharField()

    def get_attribute(self, demand):
        names = identifying_names(demand) if demand.is_anonymous else []
        return [mask_firm(word, names) for word in demand.keywords]


class PublicMoment(serializers.DateTimeField):
    """Only the day for an anonymous demand: a district publishes many at once, and equal times would tell its own."""

    def get_attribute(self, demand):
        value = super().get_attribute(demand)
        if demand.is_anonymous and value is not None:
            return timezone.localtime(value).replace(hour=0, minute=0, second=0, microsecond=0)
        return value


class DemandSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    title = PublicText()
    firm = serializers.CharField(source="public_firm_name", help_text="匿名发布时为对外名称")
    region = RegionSerializer(source="public_region", allow_null=True)
    kind = CodedField(Demand.Kind.choices)
    industry = IndustryNameSerializer(source="public_industry", allow_null=True)
    status = CodedField(Demand.Status.choices)
    disclosure = CodedField(Demand.Disclosure.choices)
    problem = PublicText(help_text="公开正文；只公开摘要的需求为摘要")
    keywords = PublicKeywords()
    transfer_ways = serializers.ListField(child=CodedField(TransferWay.choices))
    period_text = PublicText()
    published_at = PublicMoment(help_text="匿名发布时只到日")
    updated_at = PublicMoment(help_text="匿名发布时只到日")

    class Meta:
        model = Demand
        fields = [
            "id", "title", "firm", "is_anonymous", "region", "kind", "industry", "problem", "keywords", "transfer_ways",
            "budget_min_wan", "budget_max_wan", "budget_negotiable", "period_start", "period_end", "period_text",
            "wants_challenge", "disclosure", "status", "published_at", "updated_at", "expires_on",
        ]  # fmt: skip


class DemandDetailSerializer(DemandSerializer):
    applied_industry = PublicText()
    goal = PublicText()
    conditions = PublicText()
    intended_partner = PublicText()
    indicators = IndicatorSerializer(many=True, source="public_indicators")

    class Meta(DemandSerializer.Meta):
        fields = [
            *DemandSerializer.Meta.fields, "applied_industry", "goal", "conditions", "intended_partner", "indicators",
        ]  # fmt: skip


@extend_schema_view(
    list=extend_schema(summary="技术需求", responses=DemandSerializer(many=True)),
    retrieve=extend_schema(summary="一项技术需求", responses=DemandDetailSerializer),
)
class DemandViewSet(PublicViewSet):
    queryset = Demand.objects.none()
    serializer_class = DemandSerializer
    detail_serializer_class = DemandDetailSerializer
    filterset_class = DemandFilter

    def visible(self):
        return Demand.objects.visible_to(self.request.user).select_related("firm__stat_region", "industry__parent")

    def get_list_queryset(self):
        return self.visible().published().order_by(*NEWEST_DAYS)

    def get_detail_queryset(self):
        return self.visible().prefetch_related("indicators")
