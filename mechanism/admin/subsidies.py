"""Admin of budgets and calls of 专项资金, and the list of applications, which open on their own page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDateWidget

from audit.staff_admin import StaffAdmin, confirm, with_reason
from mechanism.admin_urls import subsidy_urls
from mechanism.kpi.subsidy_totals import committed_wan
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyCall
from mechanism.services.subsidy_calls import cancel_call, prolong_call, publish_call
from taxonomy.money import wan_text


class BudgetForm(forms.ModelForm):
    def clean_amount_wan(self):
        """Not less than what is granted; the admin has locked the row, and a trigger refuses what is granted since."""
        amount = self.cleaned_data["amount_wan"]
        if self.instance.pk and amount < (granted := committed_wan(self.instance)):
            raise ValidationError(f"已经支持了 {wan_text(granted)} 万元，预算不能低于它。")
        return amount


@admin.register(SubsidyBudget)
class SubsidyBudgetAdmin(StaffAdmin):
    form = BudgetForm
    list_display = ["policy", "year", "amount_wan", "basis"]
    list_filter = ["year"]
    list_select_related = ["policy"]
    search_fields = ["policy__title", "basis"]
    autocomplete_fields = ["policy"]
    fields = ["policy", "year", "amount_wan", "basis"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["policy", "year"] if obj else []


class ClosesOnForm(BaseDialogForm):
    until = forms.DateField(label="新的截止日期", widget=UnfoldAdminDateWidget)


@admin.register(SubsidyCall)
class SubsidyCallAdmin(StaffAdmin):
    list_display = ["title", "budget", "opens_on", "closes_on", "ceiling_wan", "state"]
    list_filter = [("status", ChoicesDropdownFilter), ("budget", RelatedDropdownFilter)]
    list_select_related = ["budget__policy"]
    search_fields = ["title", "budget__policy__title"]
    fields = [
        *("budget", "title", "content", "audience", "is_local_only", "opens_on", "closes_on"),
        *("ceiling_wan", "rate_percent", "rate_basis", "materials", "least_reviews", "publicity_days", "months"),
    ]
    actions_detail = ["publish", "prolong", "cancel"]

    def has_change_permission(self, request: HttpRequest, obj=None):
        """The terms are fixed once the call is published: who has applied relies on them."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.status == SubsidyCall.Status.DRAFT)

    def has_publish_permission(self, request: HttpRequest, object_id=None):
        return request.user.has_perm("mechanism.change_subsidycall")

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        """The steps that the state allows."""
        call = self.get_object(request, object_id) if object_id else None
        steps = {"draft": ("publish", "cancel"), "published": ("prolong", "cancel")}.get(
            call.status if call else "", ()
        )
        wanted = tuple(f"_{step}" for step in steps)
        return [item for item in super().get_actions_detail(request, object_id) if item.action_name.endswith(wanted)]

    @display(description="状态", ordering="status", label={"申报中": "success", "未开始": "info", "拟定中": "warning"})
    def state(self, call):
        return call.window_label

    @action(
        description="发布",
        permissions=["publish"],
        dialog=confirm("发布这份申报通知？", "发布后条款不能再改，只能延长截止日期。", "发布"),
    )
    def publish(self, request: HttpRequest, form, object_id):
        call = self.staff_object(request, object_id)
        self.run_on(request, [call], publish_call, done="已发布。")
        return self.back(request, self.change_url(call))

    @action(
        description="延长申报",
        permissions=["publish"],
        dialog=with_reason("延长申报", "只能改到更晚的日期。", "延长", ClosesOnForm),
    )
    def prolong(self, request: HttpRequest, form, object_id):
        call = self.staff_object(request, object_id)
        self.run_on(request, [call], prolong_call, done="已延长。", closes_on=form.cleaned_data["until"])
        return self.back(request, self.change_url(call))

    @action(
        description="取消通知",
        permissions=["publish"],
        dialog=with_reason("取消这份申报通知", "已经有单位提交申报的不能取消。", "取消通知"),
    )
    def cancel(self, request: HttpRequest, form, object_id):
        call, reason = self.staff_object(request, object_id), form.cleaned_data["reason"]
        self.run_on(request, [call], cancel_call, done="已取消。", reason=reason)
        return self.back(request, self.change_url(call))


@admin.register(SubsidyApplication)
class SubsidyApplicationAdmin(StaffAdmin):
    list_display = ["name", "organisation", "call", "state", "requested_wan", "granted_wan", "status_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("call", RelatedDropdownFilter)]
    list_select_related = ["organisation", "call"]
    search_fields = ["title", "organisation__name"]
    fields = ["call", "organisation", "title", "requested_wan", "status"]
    actions_detail = ["open_page"]

    def get_urls(self):
        return [*subsidy_urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest):
        return False  # applicants begin them

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False  # steps are taken on its own page

    @display(description="项目名称", ordering="title")
    def name(self, application):
        return str(application)

    @display(
        description="状态",
        ordering="status",
        label={"待受理": "warning", "评审中": "info", "公示中": "info", "已立项": "success", "验收通过": "success"},
    )
    def state(self, application):
        return application.get_status_display()

    @action(description="办理", permissions=["mechanism.view_subsidyapplication"])
    def open_page(self, request: HttpRequest, object_id):
        application = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_subsidy_page", args=[application.public_id]))
