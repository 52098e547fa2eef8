"""Admin of honours, objections and related parties."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSingleDateWidget

from accounts.models import User
from accounts.requests import user_of
from audit.staff_admin import ReasonForm, StaffAdmin, confirm, with_reason
from mechanism.admin_urls import honour_urls
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Honour, Objection, RelatedParties
from mechanism.services.honours import (
    MIN_OBJECTION_DAYS,
    answer_objection,
    cancel_honour,
    publicise_honour,
    release_honour,
)

RELEASE = ["mechanism.release_honour"]
UPHOLD_EXPLANATION = (
    "针对合同的，这份合同不再计分；针对候选人的，不再是候选。"
    "候选本人提出的不会扣分：请先改正登记、确认或到账，公布前会重新计算。"
)


class ObjectionPeriodForm(BaseDialogForm):
    until = forms.DateField(label="异议受理至", widget=UnfoldAdminSingleDateWidget())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + timedelta(days=MIN_OBJECTION_DAYS)


@admin.register(Honour)
class HonourAdmin(StaffAdmin):
    list_display = ["name", "kind", "state", "first_on", "last_on", "objections_until"]
    list_filter = [("kind", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter)]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "rule_text", "first_on", "last_on", "places"]}),
        (
            "怎么计分",
            {"fields": ["cap_per_pair_wan", "settled_days", "least_pairs", "is_received_only", "needs_work_record"]},
        ),
        ("进展", {"fields": ["status", "as_of", "objections_until", "released_at", "cancelled_reason"]}),
    ]
    readonly_fields = ["status", "as_of", "objections_until", "released_at", "cancelled_reason"]
    actions_detail = ["open_list", "publicise", "release", "cancel"]

    def get_urls(self):
        return [*honour_urls(self.admin_site), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj=None):
        """Only drafts can be changed: the rule is fixed once it is public."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status == Honour.Status.DRAFT)

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        honour = self.get_object(request, object_id) if object_id else None
        steps = {"draft": {"publicise", "cancel"}, "publicised": {"release", "cancel"}}
        offered = {"list"} | steps.get(honour.status if honour else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in offered
        ]

    @display(description="状态", ordering="status", label={"拟定中": "warning", "公示中": "info", "已公布": "success"})
    def state(self, honour):
        return honour.get_status_display()

    @action(description="候选和逐项计算", permissions=["mechanism.view_honour"])
    def open_list(self, request: HttpRequest, object_id):
        honour = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_honour_list", args=[honour.public_id]))

    @action(
        description="公示",
        permissions=RELEASE,
        dialog=confirm("公示候选名单？", "名单按今天的登记合同计算并固定，公示期内任何登录用户都可以提出异议。", "公示")
        | {"form_class": ObjectionPeriodForm},
    )
    def publicise(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, publicise_honour, "已公示。", objections_until=form.cleaned_data["until"])

    @action(
        description="公布",
        permissions=RELEASE,
        dialog=confirm("公布表彰名单？", "按成立的异议和注销的合同重新计算一次，公布后不能更改。", "公布"),
    )
    def release(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, release_honour, "已公布。")

    @action(description="取消评选", permissions=RELEASE, dialog=with_reason("取消这次评选？", submit="取消评选"))
    def cancel(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, cancel_honour, "已取消。", reason=form.cleaned_data["reason"])

    def _step(self, request: HttpRequest, object_id, service, done, **options):
        honour = self.staff_object(request, object_id)
        self.run_on(request, [honour], service, done=done, **options)
        return self.back(request, self.change_url(honour))


class AnswerForm(ReasonForm):
    """A dialog with the answer instead of a reason."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "处理意见"


@admin.register(Objection)
class ObjectionAdmin(StaffAdmin):
    list_display = ["candidate", "is_own", "text", "status", "made_at"]
    list_filter = [("status", ChoicesDropdownFilter), "is_own"]
    list_select_related = ["candidate__broker", "candidate__agency__organisation"]
    fields = [
        *("candidate", "contract", "text", "made_by", "is_own", "made_at"),
        *("status", "answer", "answered_by", "answered_at"),
    ]
    readonly_fields = fields
    actions_detail = ["uphold", "dismiss"]

    def has_add_permission(self, request: HttpRequest):
        return False  # submitted on the public page

    def managed_by(self, queryset, user: User):
        return queryset if user.scope.sees_all else queryset.none()

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        objection = self.get_object(request, object_id) if object_id else None
        is_open = objection is not None and objection.status == Objection.Status.OPEN
        return super().get_actions_detail(request, object_id) if is_open else []

    @action(
        description="异议成立",
        permissions=RELEASE,
        dialog=with_reason(
            "异议成立？",
            UPHOLD_EXPLANATION,
            "成立",
            AnswerForm,
        ),
    )
    def uphold(self, request: HttpRequest, form, object_id):
        return self._answer(request, form, object_id, upheld=True)

    @action(
        description="异议不成立",
        permissions=RELEASE,
        dialog=with_reason("异议不成立？", submit="不成立", form_class=AnswerForm),
    )
    def dismiss(self, request: HttpRequest, form, object_id):
        return self._answer(request, form, object_id, upheld=False)

    def _answer(self, request: HttpRequest, form, object_id, *, upheld):
        objection = self.staff_object(request, object_id)
        answer = form.cleaned_data["reason"]
        self.run_on(request, [objection], answer_objection, done="已处理。", upheld=upheld, answer=answer)
        return self.back(request, self.change_url(objection))


@admin.register(RelatedParties)
class RelatedPartiesAdmin(StaffAdmin):
    list_display = ["one", "other", "why", "declared_on", "ended_on"]
    list_select_related = ["one", "other"]
    search_fields = ["one__name", "other__name", "why"]
    autocomplete_fields = ["one", "other"]
    fields = ["one", "other", "why", "declared_on", "ended_on"]

    def managed_by(self, queryset, user: User):
        return queryset if user.scope.sees_all else queryset.none()

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ask_named_parties(form.instance, by=user_of(request))
