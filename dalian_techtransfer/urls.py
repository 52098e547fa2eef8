"""Root URLconf; it includes the URLconf of each app."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from authentication.views.public.sign_in import LogoutView, admin_login
from core.routing import SegmentResolver
from dalian_techtransfer.health import healthz, livez, readyz
from dalian_techtransfer.metrics.view import metrics

_patterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("portal.urls")),
    path("", include("correspondence.urls")),
    path("", include("portfolio.urls")),
    path("", include("drafting.urls")),
    path("", include("deals.urls")),
    path("", include("brokerage.urls")),
    path("", include("integrity.urls")),
    path("", include("rounds.urls")),
    path("", include("enquiries.urls")),
    path("", include("notes.urls")),
    path("", include("matching.urls")),
    path("", include("favourites.urls")),
    path("", include("subscriptions.urls")),
    path("", include("challenges.urls")),
    path("", include("mechanism.urls")),
    path("", include("annual_reports.urls")),
    path("", include("authentication.urls")),
    path("", include("privacy.urls")),
    path("", include("members.urls")),
    path("", include("mandates.urls")),
    path("", include("achievements.urls")),
    path("", include("demands.urls")),
    path("", include("notices.urls")),
    path("", include("calendars.urls")),
    path("api/v1/", include("dalian_techtransfer.api_urls")),
    path("admin/login/", admin_login),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", ([SegmentResolver(admin.site.get_urls())], "admin", admin.site.name)),
]
urlpatterns: list[URLPattern | URLResolver] = [SegmentResolver(_patterns)]

if settings.DEBUG_TOOLBAR:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()

handler400 = "portal.views.public.errors.bad_request"
handler500 = "portal.views.public.errors.server_error"
