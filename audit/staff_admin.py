"""Base classes of the admin: rows in the scope of the user, no deletion, an audit record for each edit."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import display
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Model, QuerySet, URLField
from django.forms import CharField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect, reselect, retarget
from unfold.admin import ModelAdmin
from unfold.checks import UnfoldModelAdminChecks
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.changes import changes_of
from audit.models import AuditRecord
from audit.services import record
from audit.stale_forms import with_version_check
from audit.wording import MAX_TRAIL, describe_records
from sheets.cells import clean_text


class ReasonField(CharField):
    def to_python(self, value: object) -> str:
        return clean_text(super().to_python(value) or "")  # invisible characters do not count as a reason


class ReasonForm(BaseDialogForm):
    reason = ReasonField(label="理由", max_length=200, widget=UnfoldAdminTextareaWidget({"rows": 3, "required": True}))


def confirm(title: str, description: str = "", submit: str = "") -> ActionDialog:
    """The `dialog=` of a detail action that changes data; without it unfold runs the action on a GET request."""
    return {"title": title, "description": description, "form_submit_text": submit or "确定"}


def with_reason(
    title: str, description: str = "", submit: str = "", form_class: type[BaseDialogForm] = ReasonForm
) -> ActionDialog:
    """Like `confirm`, with a form that asks for a reason: `form.cleaned_data["reason"]`."""
    return confirm(title, description, submit) | {"form_class": form_class}


def without_link(model: type[Model], field: str) -> Callable:
    """A read-only field for a related row without Django's link to its form, which not every reader may open."""
    return display(description=model._meta.get_field(field).verbose_name)(lambda self, obj: getattr(obj, field))


class ChecksWithoutDatabase(UnfoldModelAdminChecks):
    def _check_unfold_action_permission_methods(self, obj):
        """Skip a check that reads permissions from the database, which has none before `migrate`; a test does it."""
        return []


class CountedElsewhere:
    """Stands for the rows without filters, whose number is that of the rows with them."""

    def count(self) -> None:
        return None


class StaffChangeList(ChangeList):
    root_queryset: Any

    def __init__(self, *args, **kwargs):
        try:
            super().__init__(*args, **kwargs)
        except (ValueError, OverflowError) as error:  # a filter value that fits no column: NUL, the year 10^20
            raise IncorrectLookupParameters(error) from error

    def get_results(self, request: HttpRequest) -> None:
        """Django counts the rows with and without filters. Without filters that is the same count twice."""
        every_row = self.root_queryset
        if self.queryset.query.where != every_row.query.where:
            super().get_results(request)
            return
        self.root_queryset = CountedElsewhere()
        try:
            super().get_results(request)
        finally:
            self.root_queryset = every_row
        if self.show_full_result_count:
            self.full_result_count = self.result_count
            self.show_admin_actions = bool(self.result_count)


class StaffAdmin(ModelAdmin):
    """Base of every ModelAdmin of the project."""

    checks_class = ChecksWithoutDatabase
    list_filter_submit = True
    list_per_page = 50
    empty_value_display = "—"
    formfield_overrides: dict[Any, Any] = {URLField: {"assume_scheme": "https"}}
    warn_unsaved_form = True
    compressed_fields = True
    change_form_before_template = "admin/hidden_fields.html"
    records_edits = True
    """Whether `save_related` writes the audit record; False if `save_model` calls a service that writes it."""
    private_fields = frozenset({"phone", "email", "contact_name", "contact_phone", "contact_email", "password"})
    """Fields that audit records name as changed without their values."""

    def managed_by(self, queryset: QuerySet, user: Any) -> QuerySet:
        """The rows that the user works with: the queryset's `managed_by`, or else `visible_to`."""
        return queryset.managed_by(user) if hasattr(queryset, "managed_by") else queryset.visible_to(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.managed_by(super().get_queryset(request), request.user)

    def get_object(self, request: HttpRequest, object_id, from_field=None):
        """Lock the row on POST, so that concurrent saves run one after the other and the second sees the conflict."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST" or not connection.in_atomic_block:
            return obj
        self.model._base_manager.select_for_update().filter(pk=obj.pk).values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def get_changelist(self, request: HttpRequest, **kwargs):
        return StaffChangeList

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        is_shown = obj is not None and kwargs.get("fields") is not None  # else Django only reads the list of fields
        return with_version_check(form, request.user) if is_shown else form

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        """Offer and accept only related rows that the user may see."""
        related = db_field.remote_field.model._default_manager
        if "queryset" not in kwargs and hasattr(related.all(), "visible_to"):
            kwargs["queryset"] = related.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False  # records are withdrawn or archived, not deleted

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not self.records_edits:
            return
        changes = changes_of(form, formsets, private=self.private_fields, new=not change)
        if changes or not change:
            record("修改" if change else "新建", form.instance, by=request.user, changes=changes)

    def log_addition(self, request: HttpRequest, obj, message):
        """Django's LogEntry is not used: it can be edited and holds no values. The audit trail replaces it."""

    def log_change(self, request: HttpRequest, obj, message):
        """See `log_addition`."""

    def history_view(self, request: HttpRequest, object_id, extra_context=None):
        """The audit records of the row."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied  # before the lookup, so that 403 and 404 do not reveal which rows exist
        obj = self.staff_object(request, object_id)
        opts = self.model._meta
        records = AuditRecord.objects.filter(object_type=opts.label_lower, object_id=str(obj.pk))[:MAX_TRAIL]
        lines = describe_records(records, request.user)
        context = self.admin_site.each_context(request) | {
            "title": "历史：%(object)s" % {"object": obj},
            "records": [(record, lines[record.pk]) for record in records],
            "object": obj,
            "opts": opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context | (extra_context or {}))

    # --- For actions -------------------------------------------------------------------------------------------
    def staff_object(self, request: HttpRequest, object_id: str) -> Model:
        """The row of a detail action. Raises Http404 for a row outside the user's scope."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def back(self, request: HttpRequest, url: str = "") -> HttpResponse:
        """Leave a dialog and open `url`, by default the list."""
        opts = self.model._meta
        url = url or reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)

    def reveal_once(self, request: HttpRequest, service: Callable, row: Model, form: BaseDialogForm) -> HttpResponse:
        """Show the contact that `service(row, by=, reason=)` returns in the dialog that asked for the reason."""
        context = {"title": str(row)}
        try:
            context["contact"] = service(row, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            context["refused"] = "；".join(error.messages)
        response = TemplateResponse(request, "admin/revealed.html", context)
        add_never_cache_headers(response)
        # Replaces the whole dialog, so that its form cannot be submitted again.
        return reselect(retarget(response, "#dialog"), "#dialog")

    def change_url(self, obj: Model) -> str:
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])

    def run_on(self, request: HttpRequest, rows: Iterable[Model], service: Callable, *, done: str, **kwargs) -> int:
        """Call `service(row, by=user, **kwargs)` for each row in a transaction of its own, and show the result.

        The success message is `done` with `%(count)s`; each refused row gets an error message. Returns the number of
        rows for which the service succeeded.
        """
        count, refused = 0, []
        for row in rows:
            try:
                with transaction.atomic():
                    service(row, by=request.user, **kwargs)
                count += 1
            except ValidationError as error:
                refused.append(f"{row}：{'；'.join(error.messages)}")
            except PermissionDenied as error:
                refused.append(f"{row}：{error or '不在您的管理范围内。'}")
        if count:
            messages.success(request, done % {"count": count})
        for sentence in refused[:10]:
            messages.error(request, sentence)
        if len(refused) > 10:
            messages.error(request, "另有 %(count)s 项未处理。" % {"count": len(refused) - 10})
        return count

    def ask_reason(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        action: str,
        *,
        title: str,
        submit: str,
        form_class: type[BaseDialogForm] = ReasonForm,
    ) -> tuple[BaseDialogForm | None, HttpResponse | None]:
        """The intermediate page of a list action. Returns (form, None) if the form is valid, else (None, response)."""
        is_submitted = "_form_submitted" in request.POST
        form = form_class(request=request, data=request.POST if is_submitted else None)
        if is_submitted and form.is_valid():
            return form, None
        context = self.admin_site.each_context(request) | {
            "title": title,
            "verb": submit,
            "form": form,
            "rows": queryset,
            "action": action,
            "opts": self.model._meta,
        }
        return None, TemplateResponse(request, "admin/ask_reason.html", context)


class ReadOnlyAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False
