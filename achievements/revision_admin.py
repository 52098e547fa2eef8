"""Changes that institutions propose to registered achievements."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from achievements.models import AchievementRevision
from achievements.services.revisions import accept_revision, conflicting_fields, return_revision
from audit.revision_admin import RevisionAdmin


@admin.register(AchievementRevision)
class AchievementRevisionAdmin(RevisionAdmin):
    services = {"accept": accept_revision, "give_back": return_revision, "conflicts": conflicting_fields}
    list_display = ["achievement", "institution", "fields_changed", "state", "proposed_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("achievement__institution", RelatedDropdownFilter)]
    list_select_related = ["achievement__institution"]
    search_fields = ["achievement__title", "achievement__registry_number", "achievement__institution__name"]
    search_help_text = "成果名称、入库编号或单位"

    def may_review(self, request: HttpRequest) -> bool:
        return request.user.has_perm("achievements.register_achievement")

    @display(description="第一完成单位", ordering="achievement__institution__name")
    def institution(self, revision: AchievementRevision):
        return revision.achievement.institution


def revision_badge(request: HttpRequest) -> int | None:
    """How many changes wait for the city; None for users who cannot review."""
    if not request.user.has_perm("achievements.register_achievement"):
        return None
    return AchievementRevision.objects.visible_to(request.user).awaiting_decision().count() or None
