"""The list of calls for staff; each opens on its own page. Bids are not in the admin."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from audit.staff_admin import StaffAdmin
from challenges.models import Challenge
from challenges.views.staff import challenge as pages


@admin.register(Challenge)
class ChallengeAdmin(StaffAdmin):
    list_display = ["title", "number", "state", "closes_at", "prize_wan", "status_at"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["demand__firm__stat_region"]
    search_fields = ["title"]
    fields = ["title", "status", "closes_at", "prize_wan", "published_at"]
    actions_detail = ["open_page"]

    def get_urls(self):
        guard = self.admin_site.admin_view
        return [
            path("page/<slug:public_id>/", guard(pages.challenge), name="challenges_page"),
            path("page/<slug:public_id>/step/", guard(pages.challenge_step), name="challenges_step"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest):
        return False  # a call begins from a demand

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False  # steps are taken on its own page

    @display(description="榜单号", ordering="list_place")
    def number(self, challenge):
        return challenge.list_number or "—"

    @display(
        description="状态",
        ordering="status",
        label={"揭榜中": "success", "已截止，待开标": "warning", "待区县核对": "warning", "评审中": "info"},
    )
    def state(self, challenge):
        return challenge.state_label

    @action(description="办理", permissions=["challenges.view_challenge"])
    def open_page(self, request: HttpRequest, object_id):
        row = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:challenges_page", args=[row.public_id]))
