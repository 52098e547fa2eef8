"""Staff pages within the admin, below the address of deliveries."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from notices.views.staff import sent_texts


def text_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("texts/", guard(sent_texts.texts), name="notices_texts"),
        path("texts/<str:key>/", guard(sent_texts.text), name="notices_text"),
    ]
