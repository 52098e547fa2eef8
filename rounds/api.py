"""Docking rounds in the API, with the achievements they feature."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from achievements.models import Achievement
from core.api import PublicViewSet
from rounds.filters import RoundFilter
from rounds.models import DockingRound
from taxonomy.api import CodedField


class FeaturedSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Achievement
        fields = ["id", "title"]


class RoundSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    host_kind = CodedField(DockingRound.HostKind.choices)
    host = serializers.CharField(source="host.name", allow_null=True, default=None)
    undertaker = serializers.CharField(source="undertakers")
    status = CodedField(DockingRound.Status.choices)

    class Meta:
        model = DockingRound
        fields = ["id", "name", "host_kind", "host", "undertaker", "place", "themes", "starts_at", "ends_at", "status"]


class RoundDetailSerializer(RoundSerializer):
    featured = FeaturedSerializer(many=True, source="shown_achievements")

    class Meta(RoundSerializer.Meta):
        fields = [*RoundSerializer.Meta.fields, "description", "featured"]


@extend_schema_view(
    list=extend_schema(summary="对接活动", responses=RoundSerializer(many=True)),
    retrieve=extend_schema(summary="一场对接活动", responses=RoundDetailSerializer),
)
class RoundViewSet(PublicViewSet):
    queryset = DockingRound.objects.none()
    serializer_class = RoundSerializer
    detail_serializer_class = RoundDetailSerializer
    filterset_class = RoundFilter

    def visible(self):
        return (
            DockingRound.objects.visible_to(self.request.user)
            .select_related("host")
            .prefetch_related("organisers__organisation")
        )

    def get_list_queryset(self):
        return self.visible().published().order_by("-starts_at", "-pk")

    def get_detail_queryset(self):
        shown = Achievement.objects.visible_to(self.request.user).published()
        shown = shown.order_by("features__rank", "features__pk")
        return self.visible().prefetch_related(Prefetch("featured", shown, to_attr="shown_achievements"))
