from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.models import Contact, Membership, Organisation, Region, User
from accounts.requests import user_of
from accounts.services.contacts import may_ask_for_contact, reveal_contact
from accounts.services.organisations import NAME_FIELDS, note_new_names
from audit.staff_admin import StaffAdmin, with_reason


@admin.register(Region)
class RegionAdmin(StaffAdmin):
    list_display = ["name", "code", "is_reporting", "is_gb2260", "aliases", "order"]
    list_filter = ["is_reporting", "is_gb2260"]
    search_fields = ["name", "code", "aliases"]

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset  # all staff see all regions

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["code"] if obj else []


class MemberInline(TabularInline):
    """Members of the organisation; memberships are changed on the page of the user."""

    model = Membership
    extra = 0
    fields = readonly_fields = ["user", "role"]
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj=None):
        return request.user.has_perm("accounts.view_organisation")


@admin.register(Organisation)
class OrganisationAdmin(StaffAdmin):
    list_display = ["name", "kind", "credit_code", "stat_region", "is_local", "member_count", "is_active"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("stat_region", RelatedDropdownFilter),
        "is_local",
        "is_active",
    ]
    list_select_related = ["stat_region"]
    search_fields = ["name", "short_name", "credit_code"]
    ordering = ["name"]  # explicit, because the annotation with a count drops Meta.ordering from autocomplete pages
    readonly_fields = ["created_at", "former_names"]
    fieldsets = [
        (None, {"fields": ["name", "short_name", "kind", "former_names", "credit_code", "firm_type", "is_active"]}),
        ("所在地", {"fields": ["stat_region", "reg_region", "is_local"]}),
        ("介绍", {"fields": ["profile", "website", "public_contacts", "created_at"]}),
    ]
    inlines = [MemberInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(members=Count("memberships"))

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        """District officers edit their firms, except the fields that determine who sees them."""
        scope = request.user.scope
        identity = [] if scope.is_city or scope.is_sysadmin else ["name", "kind", "credit_code", "stat_region"]
        return [*self.readonly_fields, *identity]

    def save_model(self, request: HttpRequest, obj, form, change) -> None:
        stored = Organisation.objects.filter(pk=obj.pk).values(*NAME_FIELDS).first() if change else None
        super().save_model(request, obj, form, change)
        if stored:
            note_new_names(obj, stored, by=user_of(request))

    @display(description="账号数", ordering="members")
    def member_count(self, obj: Organisation) -> int:
        return obj.members


@admin.register(Contact)
class ContactAdmin(StaffAdmin):
    """Read-only with masked values, because a form would show the values that `reveal_contact` protects."""

    list_display = ["masked_name", "organisation", "masked_phone", "masked_email", "consented_at"]
    list_display_links = ["masked_name"]
    list_filter = [("consented_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation"]
    search_fields = ["organisation__name"]
    ordering = ["organisation__name", "pk"]
    fields = ["masked_name", "organisation", "masked_phone", "masked_email", "consented_at"]
    actions_detail = ["reveal"]

    masked_name = admin.display(description="联系人")(lambda self, obj: obj.masked_name)
    masked_phone = admin.display(description="联系电话")(lambda self, obj: obj.masked_phone)
    masked_email = admin.display(description="邮箱")(lambda self, obj: obj.masked_email)

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def get_actions_detail(self, request: HttpRequest, object_id):
        """Offer the action only to users who may run it."""
        contact = self.get_object(request, object_id)
        offered = contact is not None and may_ask_for_contact(contact, request.user)
        return super().get_actions_detail(request, object_id) if offered else []

    @action(
        description="查看联系方式",
        icon="visibility",
        permissions=["accounts.view_contact"],
        dialog=with_reason("查看联系方式", "写明用途；谁在什么时候为何查看会留下记录。", "查看"),
    )
    def reveal(self, request: HttpRequest, form, object_id):
        contact = self.staff_object(request, object_id)
        return self.reveal_once(request, reveal_contact, contact, form)
