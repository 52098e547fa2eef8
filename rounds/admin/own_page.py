"""Rows whose form is a page of the site's own frame, at the admin's address and with the admin's permissions."""

from collections.abc import Callable

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from audit.staff_admin import StaffAdmin


class OwnPageAdmin(StaffAdmin):
    """`page(request, row or None, may_change=)` answers for the forms of adding and changing."""

    page: Callable[..., HttpResponse]
    records_edits = False  # the services do it

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        with transaction.atomic():
            if object_id is None:
                if not self.has_add_permission(request):
                    raise PermissionDenied
                return self.page(request, None, may_change=True)
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            if request.method == "POST" and not self.has_change_permission(request):
                raise PermissionDenied  # before the lookup, so that the answer does not tell which rows exist
            row = self.get_object(request, unquote(object_id))
            if row is None:
                return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            may_change = self.has_change_permission(request, row)
            if request.method == "POST" and not may_change:
                raise PermissionDenied
            return self.page(request, row, may_change=may_change)
