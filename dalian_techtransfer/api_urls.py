"""URLs of the read API, version 1. The apps define the views."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from achievements.api import AchievementViewSet
from brokers.api import AgencyViewSet
from dalian_techtransfer.rest import NotFound
from demands.api import DemandViewSet
from mechanism.api import FigureDetail, FigureList
from rounds.api import RoundViewSet
from taxonomy.api import IndustryViewSet

router = SimpleRouter()
router.register("achievements", AchievementViewSet, basename="api_achievement")
router.register("demands", DemandViewSet, basename="api_demand")
router.register("agencies", AgencyViewSet, basename="api_agency")
router.register("rounds", RoundViewSet, basename="api_round")
router.register("industries", IndustryViewSet, basename="api_industry")

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api_schema"), name="api_docs"),
    path("figures/", FigureList.as_view(), name="api_figures"),
    path("figures/<slug:key>/", FigureDetail.as_view(), name="api_figure"),
    *router.urls,
    re_path(r"^(?:.*/)?$", NotFound.as_view(), name="api_not_found"),
]
