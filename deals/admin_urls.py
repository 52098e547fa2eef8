"""Staff pages within the admin, one function per model admin that includes them in its `get_urls`."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from deals.views.staff import meeting_follow_up


def deal_urls(admin_site: AdminSite) -> list[URLPattern]:
    """Below the address of deals."""
    guard = admin_site.admin_view
    return [
        path("after/", guard(meeting_follow_up.meeting_follow_up), name="deals_after"),
        path("after/<slug:public_id>/pair/", guard(meeting_follow_up.pair), name="deals_after_pair"),
    ]
