"""The site of the admin: unfold's, without the list of all apps and models on pages that do not show it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import sites
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.apps import BasicAppConfig
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Of all apps only when it is read. Each page is handed the list, and the menu shows `navigation` instead: to
        make it asks for four permissions of each model.
        """
        if app_label is None:
            return SimpleLazyObject(lambda: super(StaffSite, self).get_app_list(request))
        return super().get_app_list(request, app_label)


class UnfoldConfig(BasicAppConfig):
    """Unfold's app, with our site in place of its own."""

    def ready(self) -> None:
        admin.site = sites.site = StaffSite()
