"""Admin: texts of public pages that wait for the city."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from audit.revision_admin import RevisionAdmin
from audit.revisions import Revision
from brokerage.models import ProfileRevision
from brokerage.services.profiles import accept_profile_revision, conflicting_fields, return_profile_revision


@admin.register(ProfileRevision)
class ProfileRevisionAdmin(RevisionAdmin):
    services = {
        "accept": accept_profile_revision,
        "give_back": return_profile_revision,
        "conflicts": conflicting_fields,
    }
    list_display = ["profile", "fields_changed", "state", "proposed_at"]
    list_select_related = ["profile__broker", "profile__agency__organisation"]
    search_fields = ["profile__broker__name", "profile__agency__organisation__name"]
    search_help_text = "技术经纪人或机构名称"

    def may_review(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brokerage.review_profile")

    def record_path(self, revision: Revision) -> str:
        owner = revision.subject.owner  # type: ignore[attr-defined]  # a profile
        return reverse(f"admin:{owner._meta.app_label}_{owner._meta.model_name}_change", args=[owner.pk])

    @display(description="对象")
    def record(self, revision: Revision) -> str:
        return format_html('<a href="{}">{}</a>', self.record_path(revision), revision.subject)


def revision_badge(request: HttpRequest) -> int | None:
    """How many pages wait for a decision; None for users who cannot review."""
    if not request.user.has_perm("brokerage.review_profile"):
        return None
    return ProfileRevision.objects.pending().count() or None
