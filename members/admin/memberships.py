from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from accounts.models import Membership, User
from accounts.services.members import check_new_member
from audit.staff_admin import StaffAdmin, confirm
from members.services.memberships import add_member_by_staff, end_membership_by_staff


class NewMembershipForm(forms.ModelForm):
    """Checks the rules of `add_member_by_staff` in `clean`, so that a refusal becomes a form error."""

    by = None  # set by the admin for each request

    class Meta:
        model = Membership
        fields = ["user", "organisation", "role"]

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.keys() >= {"user", "organisation", "role"}:
            try:
                check_new_member(cleaned["user"], cleaned["organisation"], cleaned["role"], by=self.by)
            except PermissionDenied as error:
                raise ValidationError(str(error)) from error
        return cleaned


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Memberships are added and ended, not edited, so that the audit trail has both."""

    form = NewMembershipForm
    records_edits = False  # the services write the audit records
    list_display = ["user", "organisation", "role", "is_administrator", "joined_at"]
    list_filter = [("role", ChoicesDropdownFilter)]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__username", "user__name", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]
    actions_detail = ["end"]

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def save_model(self, request: HttpRequest, obj, form, change):
        obj.pk = add_member_by_staff(obj.user, obj.organisation, obj.role, by=request.user).pk

    @action(
        description="结束任职",
        icon="person_remove",
        permissions=["accounts.add_membership"],
        dialog=confirm(
            "结束这项任职",
            "不再代表该单位，权限立即收回；该单位的成员会收到消息。",
            "结束任职",
        ),
    )
    def end(self, request: HttpRequest, form, object_id):
        membership = self.staff_object(request, object_id)
        self.run_on(request, [membership], end_membership_by_staff, done="已结束任职。")
        return self.back(request, reverse("admin:accounts_user_change", args=[membership.user_id]))
