"""REST API of the public directory of agencies, without contact details."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api import RegionSerializer
from brokers.filters import AgencyFilter
from brokers.models import Agency, Broker
from core.api import PublicViewSet, describe_parameters
from taxonomy.api import CodedField, IndustryNameSerializer

describe_parameters(AgencyFilter, industry="产业链的 slug，见 industries", region="区市县的代码")


class BrokerSerializer(serializers.ModelSerializer):
    level = CodedField(Broker.Level.choices)

    class Meta:
        model = Broker
        fields = ["name", "level", "title"]


class AgencySerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="organisation.name")
    kind = CodedField(Agency.Kind.choices)
    services = serializers.ListField(child=CodedField(Agency.Service.choices))
    region = RegionSerializer(source="organisation.stat_region", allow_null=True)
    industries = IndustryNameSerializer(many=True)
    regions = RegionSerializer(many=True)
    profile = serializers.CharField(source="organisation.profile")
    website = serializers.CharField(source="organisation.website")
    brokers = BrokerSerializer(many=True, source="certified_brokers")

    class Meta:
        model = Agency
        fields = [
            "id", "name", "kind", "services", "region", "industries", "regions", "profile", "website", "brokers",
        ]  # fmt: skip


@extend_schema_view(list=extend_schema(summary="服务机构"), retrieve=extend_schema(summary="一家服务机构"))
class AgencyViewSet(PublicViewSet):
    queryset = Agency.objects.none()
    serializer_class = AgencySerializer
    filterset_class = AgencyFilter

    def get_list_queryset(self):
        return self.get_detail_queryset().listed().order_by("organisation__name", "pk")

    def get_detail_queryset(self):
        brokers = Broker.objects.visible_to(self.request.user).certified()
        return (
            Agency.objects.visible_to(self.request.user)
            .select_related("organisation__stat_region")
            .prefetch_related("industries", "regions", Prefetch("brokers", brokers, to_attr="certified_brokers"))
        )
