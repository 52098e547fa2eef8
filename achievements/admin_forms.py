"""Form and inlines of the achievement admin."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from achievements.forms import KeywordsField
from achievements.models import Attachment, Completer, Indicator, IntellectualProperty
from achievements.services.editing import check_not_secret
from taxonomy.models import TransferWay


class AchievementAdminForm(forms.ModelForm):
    keywords = KeywordsField(
        label="关键词", required=False, help_text="最多 3 个，用“；”分开", widget=UnfoldAdminTextInputWidget
    )
    transfer_ways = forms.MultipleChoiceField(
        label="拟转化方式", choices=TransferWay.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def _post_clean(self) -> None:
        super()._post_clean()
        try:
            check_not_secret(self.instance, {})
        except ValidationError as error:
            self.add_error(None, error.messages)


class DetailInline(TabularInline):
    extra = 0
    tab = True
    can_delete = False


class IndicatorInline(DetailInline):
    model = Indicator
    fields = ["name", "comparison", "value", "value_to", "unit", "condition", "basis"]


class IntellectualPropertyInline(DetailInline):
    model = IntellectualProperty
    fields = ["kind", "title", "number", "state"]


class CompleterInline(DetailInline):
    model = Completer
    fields = ["name", "unit"]


class AttachmentInline(DetailInline):
    model = Attachment
    fields = readonly_fields = ["link", "size", "is_public", "uploaded_by", "uploaded_at", "removed_at"]

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("uploaded_by")

    @display(description="文件")
    def link(self, attachment):
        if attachment.removed_at:
            return attachment.name
        return format_html(
            '<a href="{}">{}</a>', reverse("attachment_download", args=[attachment.public_id]), attachment
        )
