"""Admin of the reviews of challenges: a list; each review is handled on the page of its challenge."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from audit.staff_admin import StaffAdmin
from mechanism.admin_urls import challenge_review_urls
from mechanism.models import ChallengeReview


@admin.register(ChallengeReview)
class ChallengeReviewAdmin(StaffAdmin):
    list_display = ["challenge", "expert", "status", "due_on"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["challenge", "expert"]
    search_fields = ["challenge__title", "expert__name"]
    fields = ["challenge", "expert", "status", "due_on", "declared_at", "reason"]
    actions_detail = ["open_page"]

    def managed_by(self, queryset, user):
        return queryset if user.scope.sees_all else queryset.none()

    def get_urls(self):
        return [*challenge_review_urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest):
        return False  # experts are invited on the page of the review

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    @action(description="办理", permissions=["mechanism.view_challengereview"])
    def open_page(self, request: HttpRequest, object_id):
        row = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_challenge_review", args=[row.challenge.public_id]))
