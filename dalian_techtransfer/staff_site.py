"""The admin site."""

from functools import partial

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None):
        """Made only if it is read. Every page of the admin gets it (`available_apps`), and the side menu of the project
        stands in its place: to ask each model for its permissions and addresses took a tenth of a light page."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))
